import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker } from '../../testing/test-worker.ts';
import { batchResultSchema } from './job-batch.ts';

let test: TestApi;

beforeAll(async () => {
  test = await startTestApi();
  await createTestWorker(test.askInternal).announce();
});
afterAll(async () => test.close());

const jobFor = (n: unknown) => ({ task: 'factorial', input: { n } });
const send = async (jobs: unknown, headers: Record<string, string> = {}) =>
  test.ask('/v1/jobs/batch', { json: { jobs }, headers });
const resultsOf = (body: unknown) => batchResultSchema.parse(body).results;

it('takes the good ones in and tells what is wrong with each bad one', async () => {
  const { status, body } = await send([
    jobFor(1),
    jobFor(-1),
    { task: 'none', input: 1 },
    'no job',
    jobFor(2),
  ]);
  expect(status).toBe(200);
  expect(resultsOf(body)).toMatchObject([
    { status: 202, replayed: false },
    { status: 422, problem: { code: 'invalid-input', errors: [{ pointer: '/input/n' }] } },
    { status: 404, problem: { code: 'task-not-found' } },
    { status: 422, problem: { code: 'invalid-input' } },
    { status: 202 },
  ]);
});

it('takes a thousand, and not one more', async () => {
  const { body } = await send(Array.from({ length: 1_000 }, (_, n) => jobFor(n)));
  expect(new Set(resultsOf(body).map((result) => ('id' in result ? result.id : 'none'))).size).toBe(1_000);
  expect((await send(Array.from({ length: 1_001 }, (_, n) => jobFor(n)))).status).toBe(422);
  expect((await send([])).status).toBe(422);
});

it('makes each job once when the batch is sent again under its key', async () => {
  const jobs = [jobFor(1), jobFor(2)];
  const [first, second] = [
    await send(jobs, { 'idempotency-key': 'K' }),
    await send(jobs, { 'idempotency-key': 'K' }),
  ];
  const ids = (body: unknown) => resultsOf(body).map((result) => ('id' in result ? result.id : 'none'));
  expect(ids(second.body)).toEqual(ids(first.body));
  expect(resultsOf(second.body)).toMatchObject([{ replayed: true }, { replayed: true }]);
  const alone = await test.ask('/v1/jobs', { json: jobFor(1), headers: { 'idempotency-key': 'K/0' } });
  expect(alone.body).toMatchObject({ id: ids(first.body)[0] });
});
