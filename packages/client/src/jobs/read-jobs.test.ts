import { expect, it } from 'vitest';
import { json } from '../testing/stand-in-api.ts';
import { job, useStandIn } from '../testing/use-stand-in.ts';

it('asks for page after page, and only for those that are needed', async () => {
  const page = json(200, { jobs: [job('done'), job('done')], nextPageToken: 'more' });
  const { api, client } = await useStandIn([page, page, json(200, { jobs: [job('done')] })]);
  const ids: string[] = [];
  const options = { status: 'done', task: 'factorial', labels: { a: '1', b: 'x:y' }, pageSize: 2 } as const;
  for await (const { id } of client.list(options)) {
    ids.push(id);
    if (ids.length === 3) break;
  }
  const query = 'status=done&task=factorial&pageSize=2&label=a%3A1&label=b%3Ax%3Ay';
  expect(api.asked.map(({ path }) => path)).toEqual([
    `/v1/jobs?${query}`,
    `/v1/jobs?${query}&pageToken=more`,
  ]);
});

it('ends with the last page', async () => {
  const { client } = await useStandIn([json(200, { jobs: [job('done')] })]);
  const found = [];
  for await (const one of client.list()) found.push(one);
  expect(found).toHaveLength(1);
});
