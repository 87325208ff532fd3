import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestJobStore, textOutput, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';

let testRedis: TestRedis;
let store: TestJobStore;
beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis, { patienceMs: 30_000 });
});
afterAll(async () => testRedis.close());

const lookIn = async (id: string) => Number(await store.dueAt(id)) - Date.now();

describe('due', () => {
  test('lists what is due, earliest first, up to the limit', async () => {
    const ids = [await store.accepted(), await store.accepted(), await store.accepted()];
    await Promise.all(ids.map(async (id, index) => testRedis.redis.zadd(testRedis.keys.due, 3 - index, id)));
    expect(await store.dueJobs.due(2)).toEqual([ids[2], ids[1]]);
    await Promise.all(ids.map(async (id) => store.intake.cancel(id)));
    expect(await store.dueJobs.due(2)).toEqual([]);
  });

  test('published jobs are looked at later; ended ones do not come back', async () => {
    const [waiting, ended] = [await store.accepted(), await store.accepted()];
    await store.intake.cancel(ended);
    await store.dueJobs.published([waiting, ended].map((id) => ({ id, publication: 1 })));
    await store.dueJobs.published([]);
    expect(await lookIn(waiting)).toBeGreaterThan(28_000);
    expect(await store.dueAt(ended)).toBeUndefined();
  });

  test('a confirmation does not bring a longer wait forward', async () => {
    const id = await store.accepted();
    const far = Date.now() + 500_000;
    await testRedis.redis.zadd(testRedis.keys.due, far, id);
    await store.dueJobs.published([{ id, publication: 1 }]);
    expect(await store.dueAt(id)).toBe(far);
  });

  test('a confirmation that comes late does not put off what has moved on since', async () => {
    const [delayed, running, republished, passedOver] = [
      await store.accepted({ pool: 'late' }),
      await store.accepted({ pool: 'late' }),
      await store.accepted({ pool: 'late' }),
      await store.accepted({ pool: 'late-swap' }),
    ];
    await store.leases.fail(await store.claimed(delayed), { code: 'c', message: 'm' }, 200);
    await store.claimed(running);
    await store.makeDue(republished);
    await store.dueJobs.reap(republished, true);
    await store.makeDue(republished);
    await store.accepted({ pool: 'late-swap', priority: 'high' });
    await store.claim({ id: passedOver, worker: 'w', nonce: 'late', redelivered: false });
    const ids = [delayed, running, republished, passedOver];
    const looks = await Promise.all(ids.map(store.dueAt));
    await store.dueJobs.published(ids.map((id) => ({ id, publication: 1 })));
    expect(await Promise.all(ids.map(store.dueAt))).toEqual(looks);
  });

  test('a job that cannot be looked at is put off', async () => {
    const id = await store.accepted();
    await store.makeDue(id);
    await store.dueJobs.putOff(id);
    expect(await lookIn(id)).toBeGreaterThan(28_000);
    await store.dueJobs.putOff('nobody');
    expect(await store.dueAt('nobody')).toBeUndefined();
  });

  test('tells the run id of Redis and the length of a queue', async () => {
    expect(await store.dueJobs.runId()).toMatch(/^[0-9a-f]{40}$/);
    await store.accepted({ pool: 'counted' });
    expect(await store.dueJobs.waiting('counted')).toBe(1);
  });
});

describe('reap', () => {
  test('publishes a waiting job again within the deficit, and looks again as soon each time: its messages may have been spent on others', async () => {
    const id = await store.accepted({ queueTimeoutMs: 1_000_000, traceparent: 'trace' });
    const looks: number[] = [];
    for (const publication of [2, 3, 4, 5]) {
      await store.makeDue(id);
      const outcome = await store.dueJobs.reap(id, true);
      expect(outcome).toEqual({
        kind: 'publish',
        publication: {
          id,
          pool: 'factorial',
          task: 'factorial',
          input: { n: 10 },
          publication,
          traceparent: 'trace',
        },
      });
      looks.push(Math.round((await lookIn(id)) / 10_000) * 10_000);
    }
    expect(looks).toEqual([30_000, 30_000, 30_000, 30_000]);
  });

  test('publishes a job at once whose message was spent on a more urgent one', async () => {
    const pool = 'spent';
    const id = await store.accepted({ pool });
    const high = await store.accepted({ pool, priority: 'high' });
    const answer = await store.claim({ id, worker: 'w', nonce: 'spent', redelivered: false });
    expect(answer).toMatchObject({ kind: 'ok', id: high });
    expect((await store.dueJobs.reap(id, false)).kind).toBe('publish');
    await store.makeDue(id);
    expect((await store.dueJobs.reap(id, false)).kind).toBe('wait');
  });

  test('waits when the broker still has the message', async () => {
    const id = await store.accepted();
    await store.makeDue(id);
    expect(await store.dueJobs.reap(id, false)).toEqual({ kind: 'wait' });
    expect(await lookIn(id)).toBeGreaterThan(28_000);
    expect(await store.field(id, 'publications')).toBe('1');
  });

  test('looks again no later than the queue time limit', async () => {
    const id = await store.accepted({ queueTimeoutMs: 10_000 });
    await store.makeDue(id);
    await store.dueJobs.reap(id, false);
    expect(await lookIn(id)).toBeLessThanOrEqual(10_000);
    await store.makeDue(id);
    await store.dueJobs.reap(id, true);
    expect(await lookIn(id)).toBeLessThanOrEqual(10_000);
  });

  test('waits for what is not due and for a live lease', async () => {
    const id = await store.accepted();
    expect(await store.dueJobs.reap(id, true)).toEqual({ kind: 'wait' });
    await store.claimed(id);
    await store.makeDue(id);
    expect(await store.dueJobs.reap(id, true)).toEqual({ kind: 'wait' });
    expect(await store.dueAt(id)).toBe(Number(await store.field(id, 'leaseUntil')));
    expect(await store.field(id, 'status')).toBe('processing');
  });

  test('queues a job again whose lease ran out, even without a deficit', async () => {
    const id = await store.accepted();
    const lost = await store.claimed(id);
    await store.expireLease(id);
    expect((await store.dueJobs.reap(id, false)).kind).toBe('publish');
    expect(await store.field(id, 'status')).toBe('queued');
    expect(await store.intake.position(id, 'factorial')).toBeTypeOf('number');
    const next = await store.claimed(id, 'w2');
    expect(next.attempt).toBe(2);
    expect(await store.leases.complete(lost, textOutput('late'))).toBe('stale');
  });

  test('fails a job whose last worker was lost', async () => {
    const id = await store.accepted({ maxAttempts: 1 });
    await store.claimed(id);
    await store.expireLease(id);
    expect(await store.dueJobs.reap(id, true)).toEqual({ kind: 'failed', reason: 'attempts-exhausted' });
    expect(await store.dueAt(id)).toBeUndefined();
  });

  test('fails a job that waited too long', async () => {
    const id = await store.accepted();
    await store.passed(id, 'queueDeadline');
    await store.makeDue(id);
    expect(await store.dueJobs.reap(id, true)).toEqual({ kind: 'failed', reason: 'queue-timeout' });
    expect(await store.intake.find(id)).toMatchObject({
      kind: 'job',
      job: { errorCode: 'queue-timeout', errorRetryable: '1' },
    });
  });

  test('does not fail a running job for its time in the queue', async () => {
    const id = await store.accepted();
    await store.claimed(id);
    await store.passed(id, 'queueDeadline');
    await store.expireLease(id);
    expect((await store.dueJobs.reap(id, true)).kind).toBe('publish');
    // Its message is on the way: the next look is not at once, by the limit of a wait that is long over.
    expect(await lookIn(id)).toBeGreaterThan(20_000);
  });

  test('drops what has ended or is unknown', async () => {
    const id = await store.accepted();
    await store.intake.cancel(id);
    await store.makeDue(id);
    await store.makeDue('nobody');
    expect(await store.dueJobs.reap(id, true)).toEqual({ kind: 'drop' });
    expect(await store.dueJobs.reap('nobody', true)).toEqual({ kind: 'drop' });
    expect(await store.dueAt(id)).toBeUndefined();
    expect(await store.dueAt('nobody')).toBeUndefined();
  });
});
