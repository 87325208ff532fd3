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

const done = async (owner = 'ann'): Promise<string> => {
  const attempt = await store.claimed(await store.accepted({ owner }));
  await store.leases.complete(attempt, textOutput('120'));
  return attempt.id;
};

describe('find', () => {
  test('tells a job, a tombstone and nothing apart', async () => {
    const id = await done();
    expect((await store.intake.find(id)).kind).toBe('job');
    await store.intake.remove(id);
    expect(await store.intake.find(id)).toMatchObject({
      kind: 'tombstone',
      tombstone: { id, owner: 'ann', task: 'factorial', status: 'done' },
    });
    expect(await store.intake.find('nobody')).toEqual({ kind: 'none' });
  });
});

describe('list', () => {
  test("pages through an owner's jobs from newest to oldest, and nobody else's", async () => {
    const owner = 'lister';
    const ids = [
      await store.accepted({ owner }),
      await store.accepted({ owner }),
      await store.accepted({ owner }),
    ];
    await store.accepted({ owner: 'other' });
    const first = await store.intake.list({ owner, limit: 2 });
    expect(first.jobs.map((job) => job.id)).toEqual([ids[2], ids[1]]);
    const second = await store.intake.list({
      owner,
      limit: 2,
      ...(first.next === undefined ? {} : { before: first.next }),
    });
    expect(second.jobs.map((job) => job.id)).toEqual([ids[0]]);
    expect(second.next).toBeUndefined();
  });

  test('leaves out a job whose record is gone', async () => {
    const owner = 'forgetful';
    const id = await store.accepted({ owner });
    const kept = await store.accepted({ owner });
    await testRedis.redis.del(testRedis.keys.job(id));
    expect((await store.intake.list({ owner, limit: 10 })).jobs.map((job) => job.id)).toEqual([kept]);
    await testRedis.redis.zrem(testRedis.keys.due, id);
  });
});

describe('cancel', () => {
  test('ends a queued job at once and takes it from the queue', async () => {
    const id = await store.accepted();
    expect(await store.intake.cancel(id)).toEqual({ kind: 'cancelled', was: 'queued' });
    expect(await store.intake.position(id, 'factorial')).toBeUndefined();
    expect(await store.dueAt(id)).toBeUndefined();
  });

  test('ends a running job; its result is refused', async () => {
    const attempt = await store.claimed(await store.accepted());
    expect(await store.intake.cancel(attempt.id)).toEqual({ kind: 'cancelled', was: 'processing' });
    expect(await store.leases.complete(attempt, textOutput('1'))).toBe('stale');
    expect(await store.field(attempt.id, 'status')).toBe('cancelled');
  });

  test('does not change a final job and knows no unknown one', async () => {
    const id = await done();
    expect(await store.intake.cancel(id)).toEqual({ kind: 'final', status: 'done' });
    expect(await store.intake.cancel('nobody')).toEqual({ kind: 'gone' });
  });
});

describe('retry', () => {
  test('queues a failed job again with a fresh budget and the next attempt', async () => {
    const id = await store.accepted({ maxAttempts: 1, owner: 'again' });
    await store.leases.fail(await store.claimed(id), { code: 'out-of-memory', message: 'm' }, 1);
    expect(await store.field(id, 'status')).toBe('failed');
    const outcome = await store.intake.retry(id);
    expect(outcome).toEqual({
      kind: 'queued',
      publication: { id, pool: 'factorial', task: 'factorial', input: { n: 10 }, publication: 2 },
    });
    const found = await store.intake.find(id);
    expect(found).toMatchObject({ kind: 'job', job: { status: 'queued', tries: 0, attempt: 1 } });
    expect(found.kind === 'job' && found.job.errorCode).toBe(undefined);
    expect(found.kind === 'job' && found.job.finishedAt).toBe(undefined);
    expect(await testRedis.redis.pttl(testRedis.keys.job(id))).toBe(-1);
    expect(await testRedis.redis.zscore(testRedis.keys.finished, id)).toBeNull();
    expect(await testRedis.redis.zscore(testRedis.keys.sizes, id)).toBeNull();
    expect(await testRedis.redis.hget(testRedis.keys.pending, 'again')).toBe('1');
    const attempt = await store.claimed(id);
    expect(attempt.attempt).toBe(2);
    expect(await store.leases.complete(attempt, textOutput('1'))).toBe('ok');
  });

  test('queues a cancelled job again, at the end of its band', async () => {
    const pool = 'retried';
    const id = await store.accepted({ pool, priority: 'low' });
    await store.intake.cancel(id);
    await store.accepted({ pool, priority: 'low' });
    expect((await store.intake.retry(id)).kind).toBe('queued');
    expect(await store.intake.position(id, pool)).toBe(1);
    const normal = await store.accepted({ pool, priority: 'normal' });
    expect(await store.intake.position(normal, pool)).toBe(0);
  });

  test('is refused for a job that is done, waits or is unknown', async () => {
    expect(await store.intake.retry(await done())).toEqual({ kind: 'wrong-state', status: 'done' });
    expect(await store.intake.retry(await store.accepted())).toEqual({
      kind: 'wrong-state',
      status: 'queued',
    });
    expect(await store.intake.retry('nobody')).toEqual({ kind: 'gone' });
  });

  test('keeps the limits of the backlog and the owner', async () => {
    const owner = 'limited';
    const id = await store.accepted({ owner });
    await store.intake.cancel(id);
    await store.accepted({ owner });
    const quota = createTestJobStore(testRedis, { maxPendingPerOwner: 1 });
    expect(await quota.intake.retry(id)).toEqual({ kind: 'quota' });
    const full = createTestJobStore(testRedis, { maxPending: 1 });
    expect(await full.intake.retry(id)).toEqual({ kind: 'full' });
  });
});

describe('remove', () => {
  test('deletes the data of a final job, keeps a tombstone and gives the bytes back', async () => {
    const before = await store.retention.usedBytes();
    const id = await done('remover');
    expect(await store.retention.usedBytes()).toBeGreaterThan(before);
    expect(await store.intake.remove(id)).toEqual({ kind: 'removed' });
    expect(await store.retention.usedBytes()).toBe(before);
    expect(await testRedis.redis.exists(testRedis.keys.job(id), testRedis.keys.output(id))).toBe(0);
    expect(await testRedis.redis.pttl(testRedis.keys.tombstone(id))).toBeGreaterThan(604_000_000);
    expect((await store.intake.list({ owner: 'remover', limit: 5 })).jobs).toEqual([]);
    expect(await store.intake.remove(id)).toEqual({ kind: 'gone' });
  });

  test('is refused while the job is unfinished', async () => {
    const id = await store.accepted();
    expect(await store.intake.remove(id)).toEqual({ kind: 'wrong-state', status: 'queued' });
  });
});
