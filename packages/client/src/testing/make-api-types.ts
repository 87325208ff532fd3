/** Makes `api-types.ts` of the OpenAPI document: one type for each of its schemas. */
import { readFile } from 'node:fs/promises';
import { compile, type JSONSchema } from 'json-schema-to-typescript';

const document = new URL('../../../../docs/openapi.json', import.meta.url);

const banner = `/**
 * The api's data, made from docs/openapi.json: write nothing here by hand.
 * \`npx vitest run packages/client/src/api-types.test.ts --update\` makes it anew when a schema has changed.
 */`;

const annotations = new Set(['description', 'default']);

/** The generator takes a schema that says nothing but what it is for to be that of an object. */
const saysNothing = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  'description' in value &&
  Object.keys(value).every((keyword) => annotations.has(keyword));

export const makeApiTypes = async (): Promise<string> => {
  const text = await readFile(document, 'utf8');
  const { components }: { components: { schemas: Record<string, JSONSchema> } } = JSON.parse(
    text.replaceAll('#/components/schemas/', '#/definitions/'),
    (_, value: unknown) => (saysNothing(value) ? { ...value, tsType: 'unknown' } : value),
  );
  const names = Object.keys(components.schemas);
  const root: JSONSchema = {
    type: 'object',
    title: 'ApiTypes',
    definitions: components.schemas,
    properties: Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }])),
    required: names,
    additionalProperties: false,
  };
  return compile(root, 'ApiTypes', {
    bannerComment: banner,
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: 110 },
  });
};
