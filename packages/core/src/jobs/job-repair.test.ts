import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobRepair } from './redis-job-repair.ts';
import { createTestJobStore, textOutput, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';

let testRedis: TestRedis;
let store: TestJobStore;
let repair: JobRepair;
beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis);
  repair = store.repair;
});
afterAll(async () => testRedis.close());

const allIds = async (): Promise<string[]> => {
  const ids: string[] = [];
  let page = await repair.ids(undefined);
  ids.push(...page.ids);
  while (page.next !== undefined) {
    page = await repair.ids(page.next);
    ids.push(...page.ids);
  }
  return ids;
};

test('walks over every job, every output and all deliveries', async () => {
  const jobs = await Promise.all(Array.from({ length: 20 }, async () => store.accepted()));
  await testRedis.redis.set(testRedis.keys.output('orphan'), 'x');
  await testRedis.redis.hset(testRedis.keys.webhooks('other'), 'last', 0);
  expect(new Set(await allIds())).toEqual(new Set([...jobs, 'orphan', 'other']));
});

test('revives an unfinished job that nobody looks after', async () => {
  const { redis, keys } = testRedis;
  const id = await store.accepted({ owner: 'rita' });
  expect(await repair.repair(id)).toBe('sound');
  await redis.zrem(keys.due, id);
  await redis.zrem(keys.waiting('factorial'), id);
  expect(await repair.repair(id)).toBe('revived');
  expect(await store.dueJobs.due(100)).toContain(id);
  expect(await store.intake.position(id, 'factorial')).toBeTypeOf('number');
  expect(await redis.hget(keys.pending, 'rita')).toBe('1');
  expect(await repair.repair(id)).toBe('sound');
});

test('gives a finished job its expiry back', async () => {
  const { redis, keys } = testRedis;
  const attempt = await store.claimed(await store.accepted());
  await store.leases.complete(attempt, textOutput('120'));
  expect(await repair.repair(attempt.id)).toBe('sound');
  await redis.zrem(keys.finished, attempt.id);
  await redis.zrem(keys.sizes, attempt.id);
  expect(await repair.repair(attempt.id)).toBe('indexed');
  expect(await redis.zscore(keys.finished, attempt.id)).toBe(await store.field(attempt.id, 'expiresAt'));
  expect(await redis.zscore(keys.sizes, attempt.id)).toBe(await store.field(attempt.id, 'bytes'));
});

test('deletes an output without a job', async () => {
  await testRedis.redis.set(testRedis.keys.output('lonely'), 'x');
  expect(await repair.repair('lonely')).toBe('deleted');
  expect(await repair.repair('lonely')).toBe('sound');
});

test('deletes deliveries without a job', async () => {
  const { redis, keys } = testRedis;
  await redis.hset(keys.webhooks('left'), 'last', 1, '1', '{"status":"pending"}');
  await redis.zadd(keys.webhooksDue, 1, 'left-1');
  expect(await repair.repair('left')).toBe('deleted');
  expect(await redis.zscore(keys.webhooksDue, 'left-1')).toBeNull();
  expect(await repair.repair('left')).toBe('sound');
});

test('revives deliveries that nobody would make, and those alone', async () => {
  const { redis, keys } = testRedis;
  const webhook = { url: 'https://example.com/', events: ['started', 'cancelled'] as const };
  const id = await store.accepted({ webhook: { ...webhook, events: [...webhook.events] } });
  await store.claimed(id);
  await store.webhooks.record(`${id}-1`, { at: 1, durationMs: 1 }, { kind: 'delivered' });
  await store.intake.cancel(id);
  expect(await repair.repair(id)).toBe('sound');
  await redis.zrem(keys.webhooksDue, `${id}-2`);
  await redis.hset(keys.webhooks(id), '3', 'not JSON');
  expect(await repair.repair(id)).toBe('revived');
  expect(await store.webhooks.take(10, 1_000)).toMatchObject([{ id: `${id}-2` }]);
  expect(await repair.repair(id)).toBe('sound');
});
