/** A JSON Schema as HTML: its fields in a list, theirs in lists within. Schemas with a name of their own are linked to. */
import { escapeHtml } from '../page.ts';
import { type JsonSchema, nameOf } from './openapi-document.ts';

export const code = (text: string): string => `<code>${escapeHtml(text)}</code>`;
const json = (value: unknown): string => code(JSON.stringify(value));

export const schemaAnchor = (name: string): string => `schema-${name}`;
export const schemaLink = (name: string): string =>
  `<a href="#${schemaAnchor(name)}">${escapeHtml(name)}</a>`;

const isNull = (schema: JsonSchema): boolean => schema.type === 'null';
const choicesOf = ({ anyOf, oneOf }: JsonSchema): JsonSchema[] | undefined => anyOf ?? oneOf;
const valueSchemaOf = ({ additionalProperties }: JsonSchema): JsonSchema | undefined =>
  typeof additionalProperties === 'object' ? additionalProperties : undefined;

/** Whether nothing is said of it but, perhaps, what it is for. */
const isAnything = ({
  description: _description,
  default: _default,
  examples: _examples,
  ...rest
}: JsonSchema) => Object.keys(rest).length === 0;

const listType = (items: JsonSchema | undefined): string =>
  items === undefined ? 'list' : `list of ${typeOf(items)}`;
const mapType = (values: JsonSchema | undefined): string =>
  values === undefined || isAnything(values) ? 'object' : `object, each value ${typeOf(values)}`;

/** In a word or a few. */
export const typeOf = (schema: JsonSchema): string => {
  if (schema.$ref !== undefined) return schemaLink(nameOf(schema.$ref));
  if (schema.const !== undefined) return json(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(json).join(' or ');
  const choices = choicesOf(schema);
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(' or ');
  if (schema.type === 'array') return listType(schema.items);
  if (schema.type === 'object') return mapType(valueSchemaOf(schema));
  return schema.type === undefined ? 'anything' : escapeHtml([schema.type].flat().join(' or '));
};

/** Bounds of one thing: the least, the most, and what is counted. */
type Bounds = readonly [least: number | undefined, most: number | undefined, unit: string];

const boundsOf = (schema: JsonSchema): readonly Bounds[] => [
  [schema.minimum, schema.maximum, ''],
  [schema.minLength, schema.maxLength, ' characters'],
  [schema.minItems, schema.maxItems, ' items'],
];

/** The range of what a double holds exactly is no rule of ours. */
const unlessUsual = (bound: number | undefined): string | undefined =>
  bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound.toLocaleString('en');

const inWords = ([from, to, unit]: Bounds): string[] => {
  const least = unlessUsual(from);
  const most = unlessUsual(to);
  if (least !== undefined && most !== undefined) return [`${least} to ${most}${unit}`];
  if (least !== undefined) return [`at least ${least}${unit}`];
  return most === undefined ? [] : [`at most ${most}${unit}`];
};

const beyond = ({ exclusiveMinimum, exclusiveMaximum }: JsonSchema): string[] => [
  ...(exclusiveMinimum === undefined ? [] : [`more than ${exclusiveMinimum}`]),
  ...(exclusiveMaximum === undefined ? [] : [`less than ${exclusiveMaximum}`]),
];

/** Patterns stand for formats that they belong to. */
const patternOf = ({ pattern, format }: JsonSchema): string[] =>
  pattern === undefined || format !== undefined ? [] : [`matches ${code(pattern)}`];

const rulesOf = (schema: JsonSchema): string[] => [
  ...(schema.format === undefined ? [] : [escapeHtml(schema.format)]),
  ...boundsOf(schema).flatMap(inWords),
  ...beyond(schema),
  ...patternOf(schema),
  ...(schema.propertyNames ? rulesOf(schema.propertyNames).map((rule) => `names: ${rule}`) : []),
  ...(schema.default === undefined ? [] : [`default ${json(schema.default)}`]),
];

/** What it is for, and what holds for it. */
export const describeSchema = (schema: JsonSchema): string => {
  const rules = rulesOf(schema).join('; ');
  const parts = [
    ...(schema.description === undefined ? [] : [`<p>${escapeHtml(schema.description)}</p>`]),
    ...(rules === '' ? [] : [`<p class="rules">${rules}</p>`]),
  ];
  return parts.join('');
};

const field = (name: string, schema: JsonSchema, isRequired: boolean): string => {
  const required = isRequired ? ' <span class="required">required</span>' : '';
  const term = `${code(name)} <span class="type">${typeOf(schema)}</span>${required}`;
  return `<dt>${term}</dt><dd>${describeSchema(schema)}${renderWithin(schema)}</dd>`;
};

const fieldsOf = (schema: JsonSchema): string => {
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) =>
    field(name, property, required.has(name)),
  );
  return fields.length === 0 ? '' : `<dl class="fields">${fields.join('')}</dl>`;
};

/** A single choice beside null needs no list. */
const choices = (schema: JsonSchema): string => {
  const real = (choicesOf(schema) ?? []).filter((choice) => !isNull(choice));
  const [only] = real;
  if (only !== undefined && real.length === 1) return describeSchema(only) + renderWithin(only);
  const shown = real.map((choice) => describeSchema(choice) + renderWithin(choice));
  if (shown.every((text) => text === '')) return '';
  return `<ul class="choices">${shown.map((text, index) => choiceItem(real[index] ?? {}, text)).join('')}</ul>`;
};

const choiceItem = (schema: JsonSchema, text: string): string =>
  `<li><span class="type">${typeOf(schema)}</span>${text}</li>`;

/** What a value holds: fields, choices, a list's items. A reference is not followed: its name is a link. */
export const renderWithin = (schema: JsonSchema): string => {
  const values = valueSchemaOf(schema);
  return [
    fieldsOf(schema),
    choices(schema),
    ...(schema.allOf ?? []).map((part) => describeSchema(part) + renderWithin(part)),
    ...(schema.items ? [describeSchema(schema.items) + renderWithin(schema.items)] : []),
    ...(values ? [describeSchema(values) + renderWithin(values)] : []),
  ].join('');
};
