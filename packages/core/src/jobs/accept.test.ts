import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestJobStore, newJob, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';

describe('accept', () => {
  let testRedis: TestRedis;
  let store: TestJobStore;
  beforeAll(async () => {
    testRedis = await createTestRedis();
    store = createTestJobStore(testRedis);
  });
  afterAll(async () => testRedis.close());

  test('writes the record, the queue place and the outbox entry together', async () => {
    const before = Date.now();
    const id = await store.accepted({ input: { n: 7 }, labels: { team: 'a' }, traceparent: '00-1-2-01' });
    const found = await store.intake.find(id);
    expect(found).toMatchObject({
      kind: 'job',
      job: {
        id,
        status: 'queued',
        owner: 'ann',
        input: { n: 7 },
        labels: { team: 'a' },
        attempt: 0,
        tries: 0,
        publications: 1,
        traceparent: '00-1-2-01',
      },
    });
    expect(await store.intake.position(id, 'factorial')).toBe(0);
    const due = await store.dueAt(id);
    expect(due).toBeGreaterThanOrEqual(before + store.settings.firstLookMs - 1_000);
    expect(due).toBeLessThanOrEqual(Date.now() + store.settings.firstLookMs + 1_000);
    expect(await testRedis.redis.ttl(testRedis.keys.job(id))).toBe(-1);
    expect(await store.dueJobs.pools()).toContain('factorial');
    expect(found.kind === 'job' && found.job.queueDeadline - found.job.queuedAt).toBe(60_000);
  });

  test('puts more urgent jobs ahead, equal ones in the order they came', async () => {
    const pool = 'urgent';
    const [low, normal, high, normalLater] = [
      await store.accepted({ pool, priority: 'low' }),
      await store.accepted({ pool, priority: 'normal' }),
      await store.accepted({ pool, priority: 'high' }),
      await store.accepted({ pool, priority: 'normal' }),
    ];
    const positions = await Promise.all(
      [high, normal, normalLater, low].map(async (id) => store.intake.position(id ?? '', pool)),
    );
    expect(positions).toEqual([0, 1, 2, 3]);
  });

  test('answers the first id when an idempotency key returns with the same body', async () => {
    const key = randomUUID();
    const first = await store.accepted({ idempotency: { key, fingerprint: 'f one' } });
    const again = await store.intake.accept(newJob({ idempotency: { key, fingerprint: 'f one' } }));
    expect(again).toEqual({ kind: 'same', id: first });
    expect(await testRedis.redis.pttl(testRedis.keys.idempotency(`ann:${key}`))).toBeGreaterThan(86_000_000);
  });

  test('answers conflict when an idempotency key returns with another body', async () => {
    const key = randomUUID();
    await store.accepted({ idempotency: { key, fingerprint: 'one' } });
    const again = await store.intake.accept(newJob({ idempotency: { key, fingerprint: 'two' } }));
    expect(again).toEqual({ kind: 'conflict' });
  });

  test('recalls what a key has made, for its owner and its body, and makes nothing', async () => {
    const idempotency = { key: randomUUID(), fingerprint: 'f one' };
    const { intake } = store;
    expect(await intake.recall('ann', idempotency)).toEqual({ kind: 'none' });
    const id = await store.accepted({ idempotency });
    const before = await testRedis.keyNames();
    expect(await intake.recall('ann', idempotency)).toEqual({ kind: 'same', id });
    expect(await intake.recall('ann', { ...idempotency, fingerprint: 'f two' })).toEqual({
      kind: 'conflict',
    });
    expect(await intake.recall('bob', idempotency)).toEqual({ kind: 'none' });
    expect((await testRedis.keyNames()).sort()).toEqual(before.sort());
  });

  test('keeps the keys of two owners apart', async () => {
    const key = randomUUID();
    await store.accepted({ idempotency: { key, fingerprint: 'one' } });
    const other = await store.intake.accept(
      newJob({ owner: 'bob', idempotency: { key, fingerprint: 'two' } }),
    );
    expect(other.kind).toBe('accepted');
  });

  test('makes one job when 50 posts with one key arrive at once', async () => {
    const key = randomUUID();
    const owner = 'fifty';
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, async () =>
        store.intake.accept(newJob({ owner, idempotency: { key, fingerprint: 'f' } })),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.kind === 'accepted')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'same')).toHaveLength(49);
    expect((await store.intake.list({ owner, limit: 100 })).jobs).toHaveLength(1);
  });
});

describe('accept at its limits', () => {
  let testRedis: TestRedis;
  beforeAll(async () => {
    testRedis = await createTestRedis();
  });
  afterAll(async () => testRedis.close());

  test('refuses above the backlog, the quota of an owner and the byte limit, and takes again when there is room', async () => {
    const store = createTestJobStore(testRedis, { maxPending: 3, maxPendingPerOwner: 2, maxBytes: 1_000 });
    const first = await store.accepted({ owner: 'ann' });
    await store.accepted({ owner: 'ann' });
    expect(await store.intake.accept(newJob({ owner: 'ann' }))).toEqual({ kind: 'quota' });
    await store.accepted({ owner: 'bob' });
    expect(await store.intake.accept(newJob({ owner: 'cid' }))).toEqual({ kind: 'full' });
    await store.intake.cancel(first);
    expect(await store.intake.accept(newJob({ owner: 'ann', input: 'x'.repeat(1_000) }))).toEqual({
      kind: 'full',
    });
    expect(await store.intake.accept(newJob({ owner: 'ann' }))).toMatchObject({
      kind: 'accepted',
      position: 2,
    });
  });

  test('answers the same when the client library sends the command again', async () => {
    const store = createTestJobStore(testRedis);
    const job = newJob({ owner: 'resender' });
    const first = await store.intake.accept(job);
    const attempt = await store.claimed(job.id);
    expect(await store.intake.accept(job)).toEqual({ ...first, position: 0 });
    expect(await store.field(job.id, 'status')).toBe('processing');
    expect(await store.field(job.id, 'attempt')).toBe(String(attempt.attempt));
    expect(await testRedis.redis.hget(testRedis.keys.pending, 'resender')).toBe('1');
  });

  test('counts the bytes of inputs', async () => {
    const store = createTestJobStore(testRedis);
    const before = await store.retention.usedBytes();
    await store.accepted({ owner: 'dan', input: 'abc' });
    expect((await store.retention.usedBytes()) - before).toBe('"abc"'.length);
  });
});
