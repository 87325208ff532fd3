/** Reads a JSON Schema as far as a form can show it. Whatever is beyond that becomes a box for JSON, so that nothing is out of reach. */
import type { Field, GroupField, NamedField } from './field.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Deeper than this a form helps nobody, and a schema may refer to itself. */
const deepest = 4;
/** Where a text may be longer than this, it gets a box of several lines. */
const longText = 200;

/** What a form cannot say: then the box for JSON has to. */
const beyondForms = [
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'patternProperties',
  'prefixItems',
  'dependentSchemas',
];

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const asNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

interface Reading {
  root: Schema;
  depth: number;
  name: string;
  isRequired: boolean;
}

/** Follows a `$ref` within the schema; undefined where it leads nowhere or around in circles. */
const resolve = (root: Schema, schema: Schema, steps = 0): Schema | undefined => {
  const ref = asText(schema['$ref']);
  if (ref === undefined) return schema;
  if (!ref.startsWith('#') || steps > deepest) return undefined;
  let target: unknown = root;
  for (const part of ref.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    target = isSchema(target) ? target[name] : undefined;
  }
  return isSchema(target) ? resolve(root, { ...target, ...without(schema, '$ref') }, steps + 1) : undefined;
};

const without = (schema: Schema, name: string): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== name));

/** `["string", "null"]` is a string that may be left out. */
const typeOf = ({ type }: Schema): string | undefined => {
  if (!Array.isArray(type)) return asText(type);
  const others = type.filter((one) => one !== 'null');
  return others.length === 1 ? asText(others[0]) : undefined;
};

/** The values that are allowed, where they are told one by one. */
const optionsOf = (schema: Schema): readonly unknown[] | undefined => {
  const { enum: values, const: only, oneOf, anyOf } = schema;
  if (Array.isArray(values)) return values;
  if (only !== undefined) return [only];
  const branches = oneOf ?? anyOf;
  if (!Array.isArray(branches)) return undefined;
  const parts: unknown[] = branches;
  const hasConst = (part: unknown): part is { const: unknown } =>
    isSchema(part) && part['const'] !== undefined;
  return parts.length > 0 && parts.every(hasConst) ? parts.map((part) => part.const) : undefined;
};

const labelFor = (schema: Schema, name: string): string => asText(schema['title']) ?? (name || 'Input');

const common = (schema: Schema, { name, isRequired }: Reading) => ({
  label: labelFor(schema, name),
  description: asText(schema['description']),
  isRequired,
});

const startText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

const jsonField = (schema: Schema, reading: Reading): Field => ({
  ...common(schema, reading),
  kind: 'json',
  start: schema['default'] === undefined ? '' : JSON.stringify(schema['default'], undefined, 2),
});

const textField = (schema: Schema, reading: Reading): Field => {
  const maxLength = asNumber(schema['maxLength']);
  return {
    ...common(schema, reading),
    kind: 'text',
    minLength: asNumber(schema['minLength']) ?? 0,
    maxLength,
    pattern: asText(schema['pattern']),
    isLong: maxLength !== undefined && maxLength > longText,
    start: startText(schema['default']),
  };
};

const numberField = (schema: Schema, reading: Reading): Field => ({
  ...common(schema, reading),
  kind: 'number',
  isInteger: typeOf(schema) === 'integer',
  minimum: asNumber(schema['minimum']),
  maximum: asNumber(schema['maximum']),
  above: asNumber(schema['exclusiveMinimum']),
  below: asNumber(schema['exclusiveMaximum']),
  multipleOf: asNumber(schema['multipleOf']),
  start: startText(schema['default']),
});

const booleanField = (schema: Schema, reading: Reading): Field => ({
  ...common(schema, reading),
  kind: 'boolean',
  sendsFalse: reading.isRequired || schema['default'] !== undefined,
  start: schema['default'] === true,
});

const choiceField = (schema: Schema, reading: Reading, options: readonly unknown[]): Field => {
  const index = options.findIndex((option) => JSON.stringify(option) === JSON.stringify(schema['default']));
  return { ...common(schema, reading), kind: 'choice', options, start: index === -1 ? '' : String(index) };
};

const listField = (schema: Schema, reading: Reading): Field => {
  const { items } = schema;
  if (!isSchema(items)) return jsonField(schema, reading);
  return {
    ...common(schema, reading),
    kind: 'list',
    item: fieldFor(items, { ...reading, name: 'Item', isRequired: true, depth: reading.depth + 1 }),
    minItems: asNumber(schema['minItems']) ?? 0,
    maxItems: asNumber(schema['maxItems']),
  };
};

const isNamedIn = (required: unknown, name: string): boolean =>
  Array.isArray(required) && required.includes(name);

const groupField = (schema: Schema, reading: Reading): Field => {
  const { properties, required, additionalProperties } = schema;
  if (!isSchema(properties) || isSchema(additionalProperties)) return jsonField(schema, reading);
  const fields = Object.entries(properties).map(([name, part]): NamedField => {
    const inner = { ...reading, name, isRequired: isNamedIn(required, name), depth: reading.depth + 1 };
    return { name, field: isSchema(part) ? fieldFor(part, inner) : jsonField({}, inner) };
  });
  const group: GroupField = { ...common(schema, reading), kind: 'group', fields };
  return group;
};

const readers: Readonly<Record<string, (schema: Schema, reading: Reading) => Field>> = {
  string: textField,
  number: numberField,
  integer: numberField,
  boolean: booleanField,
  array: listField,
  object: groupField,
};

const fieldFor = (given: Schema, reading: Reading): Field => {
  const schema = resolve(reading.root, given);
  if (schema === undefined || reading.depth > deepest) return jsonField(given, reading);
  const options = optionsOf(schema);
  if (options !== undefined) return choiceField(schema, reading, options);
  if (beyondForms.some((keyword) => schema[keyword] !== undefined)) return jsonField(schema, reading);
  const read = readers[typeOf(schema) ?? (isSchema(schema['properties']) ? 'object' : '')];
  return read === undefined ? jsonField(schema, reading) : read(schema, reading);
};

/** @param schema a task's `input`. */
export const schemaToField = (schema: Schema): Field =>
  fieldFor(schema, { root: schema, depth: 0, name: '', isRequired: true });
