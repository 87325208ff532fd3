import { waitUntil } from '@factorial/core/testing/wait-until';
import { createPoolHistory, historyStepMs } from '@factorial/core/workers/pool-history';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker } from '../../testing/test-worker.ts';
import { poolHistorySchema } from './pool-history.ts';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
  await createTestWorker(test.askInternal).announce();
});
afterAll(async () => test.close());

const ask = async (query = '', pool = 'factorial') => test.ask(`/v1/pools/${pool}/history${query}`);

it('is sampled by the api itself', async () => {
  const history = await waitUntil(
    async () => {
      const { body } = await ask();
      const seen = poolHistorySchema.parse(body);
      return seen.samples.length > 0 ? seen : undefined;
    },
    { what: 'there is a sample', timeoutMs: 15_000 },
  );
  expect(history).toMatchObject({
    pool: 'factorial',
    stepSeconds: 10,
    samples: [{ waiting: 0, processing: 0, busy: 0, scaler: { decision: 'hold' } }],
  });
});

it('is as long as it was asked for, each statement once', async () => {
  const history = createPoolHistory(test.redis.redis, test.redis.keys);
  await test.redis.redis.del(test.redis.keys.poolHistory('factorial'));
  const now = Date.now();
  const newest = now - (now % historyStepMs) + 10 * historyStepMs;
  const counts = { waiting: 3, processing: 1, busy: 1, idle: 0, draining: 0 };
  for (let step = 100; step >= 0; step -= 1) {
    const scaler = { decision: 'scale', reason: step > 5 ? 'steady' : 'backlog', replicas: 1 } as const;
    await history.record('factorial', { ...counts, atMs: newest - step * historyStepMs, scaler });
  }
  const { body } = await waitUntil(
    async () => {
      const answer = await ask('?minutes=2');
      return answer.text.includes('backlog') ? answer : undefined;
    },
    { what: 'what was remembered a moment ago is read anew' },
  );
  const { stepSeconds, samples } = poolHistorySchema.parse(body);
  expect(stepSeconds).toBe(5);
  expect(samples.length).toBeGreaterThan(30);
  expect(samples.filter(({ scaler }) => scaler).map(({ scaler }) => scaler)).toEqual([
    { decision: 'scale', reason: 'steady' },
    { decision: 'scale', reason: 'backlog' },
  ]);
  expect(samples[0]).toMatchObject({ ...counts, replicas: 1 });
  const times = samples.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
});

it.each(['0', '61', '1.5', 'all', ''])('is refused for %j minutes', async (minutes) => {
  expect(await ask(`?minutes=${minutes}`)).toMatchObject({
    status: 400,
    body: { code: 'invalid-request', errors: [{ pointer: 'minutes' }] },
  });
});

it('of a pool that nobody knows is 404, and needs a token', async () => {
  expect(await ask('', 'nonsense')).toMatchObject({ status: 404, body: { code: 'pool-not-found' } });
  expect((await test.ask('/v1/pools/factorial/history', { token: '' })).status).toBe(401);
});
