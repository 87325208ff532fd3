import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { requestExamples, requestSchemas } from './api-schemas.ts';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(async () => test.close());

it('is the document that is committed; run vitest with --update when a route has changed', async () => {
  const { text } = await test.ask('/openapi.json', { token: '' });
  const pretty = `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`;
  await expect(pretty).toMatchFileSnapshot('../../../../../docs/openapi.json');
});

it('refers only to schemas that it holds', async () => {
  const { text, body } = await test.ask('/openapi.json', { token: '' });
  const names = new Set(
    [...text.matchAll(/"#\/components\/(?:schemas|responses)\/(\w+)"/g)].map((match) => match[1]),
  );
  const { schemas, responses } = Reflect.get(Object(body), 'components');
  const held = new Set([...Object.keys(schemas), ...Object.keys(responses)]);
  expect(names.size).toBeGreaterThan(5);
  expect([...names].filter((name) => !held.has(String(name)))).toEqual([]);
});

it('has examples that its own schemas take', () => {
  for (const [name, example] of Object.entries(requestExamples))
    expect([name, Reflect.get(requestSchemas, name).safeParse(example).success]).toEqual([name, true]);
});

it('names every path that answers, with its scope', async () => {
  const { body } = await test.ask('/openapi.json', { token: '' });
  const paths = Reflect.get(Object(body), 'paths');
  expect(paths['/v1/jobs/{id}'].get).toMatchObject({
    operationId: 'getV1JobsId',
    'x-required-scope': 'jobs:read',
  });
  expect(paths['/openapi.json'].get.security).toEqual([]);
});
