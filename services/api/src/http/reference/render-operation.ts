/** One operation as HTML: what it is for, who may call it, what it takes, what it answers, and a line that calls it. */
import { escapeHtml } from '../page.ts';
import { exampleFor, type ExampleOf } from './shell-example.ts';
import {
  type Content,
  type JsonSchema,
  nameOf,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type ResponseObject,
} from './openapi-document.ts';
import { code, describeSchema, renderWithin, schemaLink, typeOf } from './render-schema.ts';

export const operationAnchor = ({ operationId }: Operation): string => `op-${operationId}`;

/** @param verb method in capitals. */
export const operationName = (verb: string, path: string): string =>
  `<span class="method">${escapeHtml(verb.toUpperCase())}</span> ${code(path)}`;

const access = (operation: Operation): string =>
  operation.security.length === 0
    ? 'Needs no token.'
    : `Needs a token with the scope ${code(operation['x-required-scope'] ?? '')}.`;

const places = { path: 'in the path', query: 'in the query', header: 'header' } as const;

const parameter = (one: Parameter): string => {
  const required = one.required ? ' <span class="required">required</span>' : '';
  const term = `${code(one.name)} <span class="type">${places[one.in]}, ${typeOf(one.schema)}</span>${required}`;
  return `<dt>${term}</dt><dd><p>${escapeHtml(one.description)}</p>${describeSchema(one.schema)}</dd>`;
};

const parameters = ({ parameters }: Operation): string =>
  parameters.length === 0
    ? ''
    : `<h4>Parameters</h4><dl class="fields">${parameters.map(parameter).join('')}</dl>`;

const isStrict = ({ additionalProperties, anyOf = [] }: JsonSchema): boolean =>
  additionalProperties === false || anyOf.some(isStrict);

/** What is sent and has a name is shown where it is asked for: one need not go and look. */
const bodySchema = (content: Content, { components }: OpenApiDocument): string =>
  Object.entries(content)
    .map(([mediaType, { schema }]) => {
      if (schema === undefined) return `<p>${code(mediaType)}</p>`;
      const named = schema.$ref === undefined ? schema : (components.schemas[nameOf(schema.$ref)] ?? schema);
      const strict = isStrict(named) ? '<p class="rules">Fields that are not known are refused.</p>' : '';
      return `<p>${code(mediaType)}, ${typeOf(schema)}</p>${describeSchema(named)}${strict}${renderWithin(named)}`;
    })
    .join('');

const body = ({ requestBody }: Operation, document: OpenApiDocument): string =>
  requestBody === undefined
    ? ''
    : `<h4>Body</h4><div class="body">${bodySchema(requestBody.content, document)}</div>`;

const contentOf = (content: Content): string =>
  Object.entries(content)
    .map(([mediaType, { schema }]) => {
      const what = schema === undefined ? '' : `, ${typeOf(schema)}`;
      return `<p class="rules">${code(mediaType)}${what}</p>`;
    })
    .join('');

const answer = ([status, { description, headers, content }]: [string, ResponseObject]): string => {
  const names = Object.keys(headers).map(code).join(', ');
  const sent = names === '' ? '' : `<p class="rules">Headers ${names}</p>`;
  return `<dt>${code(status)}</dt><dd><p>${escapeHtml(description ?? '')}</p>${sent}${contentOf(content)}</dd>`;
};

/** Every operation has the same answer where something goes wrong: its description is told in one place. */
const problem = `<dt>else</dt><dd><p>What went wrong, as ${code('application/problem+json')}, ${schemaLink('Problem')}: <a href="/docs/errors">all errors</a>.</p></dd>`;

const answers = ({ responses }: Operation): string => {
  const known = Object.entries(responses).filter(([status]) => status !== 'default');
  return `<h4>Answers</h4><dl class="fields">${known.map(answer).join('')}${problem}</dl>`;
};

export const renderOperation = (shown: ExampleOf, document: OpenApiDocument): string => {
  const { method, path, operation } = shown;
  const anchor = operationAnchor(operation);
  return `<article id="${anchor}">
<h3><a href="#${anchor}">${operationName(method, path)}</a></h3>
<p>${escapeHtml(operation.summary)}. ${access(operation)}</p>
${parameters(operation)}${body(operation, document)}${answers(operation)}
<h4>Example</h4><pre tabindex="0">${escapeHtml(exampleFor(shown, document))}</pre>
</article>`;
};
