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
const withUnknowns = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withUnknowns);
  if (typeof schema !== 'object' || schema === null) return schema;
  const keywords = Object.keys(schema);
  const saysNothing = 'description' in schema && keywords.every((keyword) => annotations.has(keyword));
  const entries = Object.entries(schema).map(([name, value]): [string, unknown] => [
    name,
    withUnknowns(value),
  ]);
  return { ...Object.fromEntries(entries), ...(saysNothing ? { tsType: 'unknown' } : {}) };
};

export const makeApiTypes = async (): Promise<string> => {
  const text = await readFile(document, 'utf8');
  const { components } = withUnknowns(
    JSON.parse(text.replaceAll('#/components/schemas/', '#/definitions/')),
  ) as { components: { schemas: Record<string, JSONSchema> } };
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
