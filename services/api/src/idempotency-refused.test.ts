/** A request sent again under its idempotency key, while new ones are refused. */
import { createManagementApi } from '@factorial/core/testing/management-api';
import { startTcpProxy, type TcpProxy } from '@factorial/core/testing/tcp-proxy';
import { createTestRabbit, type TestRabbit } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { queueName } from '@factorial/core/queue/topology';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { batchResultSchema } from './http/routes/job-batch.ts';
import { startTestApi, type Answer, type TestApi } from './testing/test-api.ts';
import { createTestWorker, factorialTask } from './testing/test-worker.ts';

let test: TestApi;
let vhost: TestRabbit;
let rabbit: TcpProxy;

beforeEach(async () => {
  vhost = await createTestRabbit();
  rabbit = await startTcpProxy(vhost.amqpUrl);
  test = await startTestApi({ amqpUrl: rabbit.url });
  await createTestWorker(test.askInternal).announce();
});
afterEach(async () => {
  await test.close();
  await rabbit.close();
  await vhost.close();
});

const jobFor = (n: number) => ({ task: 'factorial', input: { n } });
const submit = async (n: number, key?: string, token?: string): Promise<Answer> =>
  test.ask('/v1/jobs', {
    json: jobFor(n),
    token,
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });
const submitBatch = async (ns: readonly number[], key: string): Promise<Answer> =>
  test.ask('/v1/jobs/batch', { json: { jobs: ns.map(jobFor) }, headers: { 'idempotency-key': key } });

/** The broker's no comes behind the 202 of the first job that it does not take. */
const untilRefused = async (code: string): Promise<void> => {
  await waitUntil(async () => JSON.stringify((await submit(1)).body).includes(`"${code}"`), {
    what: `new jobs are refused with ${code}`,
    timeoutMs: 20_000,
    pollMs: 50,
  });
};

/** The same body its job, another body the conflict; another key or another owner is refused, and nothing is written. */
const expectRecalled = async (key: string, id: string, code: string): Promise<void> => {
  const before = await test.redis.redis.zcard(test.redis.keys.due);
  const again = await submit(7, key);
  expect([again.status, again.body]).toMatchObject([202, { id }]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(again.headers.get('location')).toBe(`/v1/jobs/${id}`);
  expect((await submit(8, key)).body).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  expect((await submit(7, `${key}-other`)).body).toMatchObject({ status: 503, code });
  const bob = await test.clientToken('bob', 'jobs:write', 'jobs:read');
  expect((await submit(7, key, bob)).body).toMatchObject({ status: 503, code });
  expect(await test.redis.redis.zcard(test.redis.keys.due)).toBe(before);
};

const accepted = async (key: string): Promise<string> => {
  const { status, body } = await submit(7, key);
  expect(status).toBe(202);
  return z.object({ id: z.string() }).parse(body).id;
};

describe('a request sent again under its key gets its job, and a new one is refused', () => {
  it('while the broker is away', async () => {
    const id = await accepted('away');
    await rabbit.down();
    await untilRefused('queue-unavailable');
    await expectRecalled('away', id, 'queue-unavailable');
  });

  it("while the broker's queue is at its limit", async () => {
    const management = createManagementApi(vhost.managementUrl);
    // Before the queue is declared, which happens behind the first 202: a policy that comes meanwhile may pass a queue by.
    await management.put(`policies/${vhost.vhost}/limit`, {
      pattern: `^${queueName(factorialTask.pool)}$`,
      definition: { 'max-length': 1 },
      'apply-to': 'queues',
    });
    const id = await accepted('full');
    await untilRefused('queue-full');
    await expectRecalled('full', id, 'queue-full');
  });

  it('in a batch, behind items that are refused', async () => {
    const bad = Array.from({ length: 102 }, (_, n) => (n === 99 ? -1 : n));
    const first = batchResultSchema.parse((await submitBatch(bad, 'batch')).body).results;
    await rabbit.down();
    await untilRefused('queue-unavailable');
    const good = bad.map((n) => Math.max(n, 0));
    const again = batchResultSchema.parse((await submitBatch(good, 'batch')).body).results;
    const idsOf = (results: typeof first) =>
      results.map((result) => ('id' in result ? result.id : undefined));
    expect(again[99]).toMatchObject({ status: 503, problem: { code: 'queue-unavailable' } });
    expect(idsOf(again)).toEqual(idsOf(first));
    expect(idsOf(again).filter((id) => id !== undefined)).toHaveLength(101);
  });
});
