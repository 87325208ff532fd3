import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestJobStore, textOutput, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';

let testRedis: TestRedis;
let store: TestJobStore;
beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis);
});
afterAll(async () => testRedis.close());

const done = async (output: string): Promise<string> => {
  const attempt = await store.claimed(await store.accepted());
  await store.leases.complete(attempt, textOutput(output));
  return attempt.id;
};

describe('retention', () => {
  test('lists finished jobs whose time has passed and expires them, once', async () => {
    const [old, young] = [await done('old'), await done('young')];
    await store.finishedPast(old);
    expect(await store.retention.expired(10)).toEqual([old]);
    expect(await store.retention.expire(old, 'due')).toEqual({
      kind: 'expired',
      bytes: '{"n":10}'.length + 3,
    });
    expect(await store.retention.expire(young, 'due')).toEqual({ kind: 'waiting' });
    expect(await store.retention.expire(young, 'now')).toMatchObject({ kind: 'expired' });
    expect((await store.intake.find(old)).kind).toBe('tombstone');
    expect(await store.retention.expired(10)).toEqual([]);
  });

  test('never expires an unfinished job', async () => {
    const id = await store.accepted();
    expect(await store.retention.expire(id, 'now')).toEqual({ kind: 'wrong-state' });
    expect((await store.intake.find(id)).kind).toBe('job');
  });

  test('repairs what a record that vanished left behind', async () => {
    const before = await store.retention.usedBytes();
    const id = await done('12345');
    await testRedis.redis.del(testRedis.keys.job(id));
    expect(await store.retention.expire(id, 'now')).toEqual({ kind: 'gone' });
    expect(await store.retention.usedBytes()).toBe(before);
    expect(await testRedis.redis.exists(testRedis.keys.output(id))).toBe(0);
    expect(await testRedis.redis.zscore(testRedis.keys.finished, id)).toBeNull();
    expect(await testRedis.redis.zscore(testRedis.keys.sizes, id)).toBeNull();
  });

  test('tells the oldest finished jobs with their sizes', async () => {
    const [first, second] = [await done('1'), await done('22222')];
    await testRedis.redis.zadd(testRedis.keys.finished, 1, first, 2, second);
    expect(await store.retention.oldestFinished(2)).toEqual([
      { id: first, bytes: 9, expiresAt: 1 },
      { id: second, bytes: 13, expiresAt: 2 },
    ]);
    await Promise.all([first, second].map(async (id) => store.retention.expire(id, 'now')));
    expect(await store.retention.oldestFinished(0)).toEqual([]);
  });
});
