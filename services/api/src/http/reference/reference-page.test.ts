import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { escapeHtml } from '../page.ts';
import {
  type JsonSchema,
  type OpenApiDocument,
  openApiDocumentSchema,
  type Operation,
} from './openapi-document.ts';
import { renderReference } from './reference-page.ts';

let test: TestApi;
let page: string;
let document: OpenApiDocument;
beforeAll(async () => {
  test = await startTestApi();
  page = (await test.ask('/docs', { token: '' })).text;
  document = openApiDocumentSchema.parse((await test.ask('/openapi.json', { token: '' })).body);
});
afterAll(async () => test.close());

/** Every schema within a schema, itself included. */
const within = (schema: JsonSchema): JsonSchema[] => {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
    ...(schema.items ? [schema.items] : []),
    ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []),
  ];
  return [schema, ...inner.flatMap(within)];
};

const article = (id: string): string =>
  new RegExp(`<article id="${id}">[^]*?</article>`).exec(page)?.[0] ?? '';

const missingIn = (text: string, wanted: readonly string[]): string[] =>
  wanted.filter((one) => !text.includes(one));

/** A line that calls it: with a token where it needs one, with a body that is not empty where it takes one. */
const exampleParts = (path: string, { responses, security, requestBody }: Operation): string[] =>
  responses['101'] === undefined
    ? [
        `curl -sS`,
        `$API_URL${path.split('{')[0]}`,
        ...(security.length === 0 ? [] : ['-H &quot;Authorization: Bearer $']),
        ...(requestBody === undefined ? [] : [`-d '{&quot;`]),
      ]
    : ['new WebSocket('];

describe('the reference', () => {
  it('has every operation, with its scope, parameters, answers and an example', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    expect(operations.length).toBeGreaterThan(15);
    for (const { path, method, operation } of operations) {
      const wanted = [
        `${method.toUpperCase()}</span> <code>${path}</code>`,
        escapeHtml(operation.summary),
        ...(operation['x-required-scope'] === undefined
          ? ['Needs no token']
          : [`<code>${operation['x-required-scope']}</code>`]),
        ...operation.parameters.flatMap(({ name, description }) => [
          `<code>${name}</code>`,
          escapeHtml(description),
        ]),
        ...Object.entries(operation.responses).flatMap(([status, { description, headers }]) =>
          status === 'default'
            ? []
            : [
                `<code>${status}</code>`,
                escapeHtml(description ?? ''),
                ...Object.keys(headers).map((name) => `<code>${name}</code>`),
              ],
        ),
        ...exampleParts(path, operation),
        'href="/docs/errors"',
      ];
      expect(missingIn(article(`op-${operation.operationId}`), wanted), `${method} ${path}`).toEqual([]);
      expect(page).toContain(`href="#op-${operation.operationId}"`);
    }
  });

  it('has every schema, with the name and the description of every field, what is required, values and defaults', () => {
    const schemas = Object.entries(document.components.schemas);
    expect(schemas.length).toBeGreaterThan(10);
    for (const [name, schema] of schemas) {
      const wanted = within(schema).flatMap((part) => [
        ...Object.keys(part.properties ?? {}).map((field) => `<code>${escapeHtml(field)}</code>`),
        ...(part.description === undefined ? [] : [escapeHtml(part.description)]),
        ...(part.enum ?? []).map((value) => `<code>${escapeHtml(JSON.stringify(value))}</code>`),
        ...(part.default === undefined
          ? []
          : [`default <code>${escapeHtml(JSON.stringify(part.default))}</code>`]),
        ...(part.$ref === undefined ? [] : [`href="#schema-${part.$ref.split('/').at(-1)}"`]),
      ]);
      const text = article(`schema-${name}`);
      expect(missingIn(text, wanted), name).toEqual([]);
      const required = within(schema).flatMap((part) => part.required ?? []);
      expect(text.split('class="required"').length - 1, name).toBe(required.length);
    }
  });

  it('has no link that leads nowhere, and no anchor twice', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => String(match[1]));
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => String(match[1]));
    expect(links.filter((link) => !ids.includes(link))).toEqual([]);
  });

  it('is in no step of its headings deeper than by one, and closes what it opens', () => {
    const levels = [...page.matchAll(/<h(\d)/g)].map((match) => Number(match[1]));
    expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
    for (const element of [
      'dl',
      'dd',
      'dt',
      'ul',
      'li',
      'p',
      'section',
      'article',
      'nav',
      'main',
      'pre',
      'h3',
    ]) {
      const opened = page.split(new RegExp(`<${element}[ >]`)).length;
      expect([element, page.split(`</${element}>`).length]).toEqual([element, opened]);
    }
  });

  it('refuses a document with a part that it would not show', () => {
    const job = { ...document.components.schemas['Job'], not: {} };
    const schemas = { ...document.components.schemas, Job: job };
    expect(() => renderReference({ ...document, components: { schemas } })).toThrow(/not/);
  });
});
