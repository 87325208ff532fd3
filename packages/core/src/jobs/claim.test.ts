import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestJobStore, textOutput, type TestJobStore } from '../testing/test-job-store.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';

let testRedis: TestRedis;
let store: TestJobStore;
beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis, { suspectMs: 1_000 });
});
afterAll(async () => testRedis.close());

const claim = async (id: string, options: { worker?: string; nonce?: string; redelivered?: boolean } = {}) =>
  store.claim({ id, worker: 'w1', nonce: `n-${Math.random()}`, redelivered: false, ...options });

describe('claim', () => {
  test('gives a queued job with its input, the first attempt and a lease', async () => {
    const id = await store.accepted({ input: { n: 5 }, runTimeoutMs: 7_000 });
    const answer = await claim(id, { worker: 'w7' });
    expect(answer).toMatchObject({
      kind: 'ok',
      id,
      attempt: 1,
      task: 'factorial',
      input: { n: 5 },
      runTimeoutMs: 7_000,
    });
    expect(await store.field(id, 'status')).toBe('processing');
    expect(await store.field(id, 'worker')).toBe('w7');
    expect(await store.intake.position(id, 'factorial')).toBeUndefined();
    expect(await store.dueAt(id)).toBe(Number(await store.field(id, 'leaseUntil')));
    const limit = Number(await store.field(id, 'runDeadline')) - Number(await store.field(id, 'startedAt'));
    expect(limit).toBe(7_000 + store.settings.runGraceMs);
  });

  test('gives nothing to a worker of another pool', async () => {
    const id = await store.accepted();
    const other = { id, pool: 'other', worker: 'w1', nonce: 'n', redelivered: false };
    expect(await store.leases.claim(other)).toEqual({ kind: 'gone' });
    expect(await store.field(id, 'attempt')).toBe('0');
  });

  test('gives the same answer when the same claim is repeated', async () => {
    const id = await store.accepted();
    const first = await claim(id, { nonce: 'once' });
    expect(await claim(id, { nonce: 'once' })).toEqual(first);
    expect(await store.field(id, 'attempt')).toBe('1');
  });

  test('gives a claim whose answer was lost for long its whole lease and its whole time when it is repeated', async () => {
    const id = await store.accepted({ maxAttempts: 1, runTimeoutMs: 7_000 });
    const first = await claim(id, { nonce: 'long ago' });
    await store.expireLease(id);
    await Promise.all([store.passed(id, 'runDeadline'), store.passed(id, 'beatAt')]);
    expect(await claim(id, { nonce: 'long ago' })).toEqual(first);
    expect(await store.dueAt(id)).toBeGreaterThan(Date.now());
    expect((await store.dueJobs.reap(id, true)).kind).toBe('wait');
    expect(await claim(id, { worker: 'w2', redelivered: true })).toMatchObject({ kind: 'busy' });
    expect(first.kind === 'ok' && (await store.leases.beat(first))).toBe('ok');
    expect(await store.field(id, 'status')).toBe('processing');
  });

  test('answers busy while another holds the lease', async () => {
    const id = await store.accepted();
    await store.claimed(id);
    expect(await claim(id)).toEqual({ kind: 'busy', retryAfterMs: 0 });
  });

  test('gives the job to another when the lease has run out', async () => {
    const id = await store.accepted();
    await store.claimed(id);
    await store.expireLease(id);
    expect(await claim(id, { worker: 'w2' })).toMatchObject({ kind: 'ok', attempt: 2 });
  });

  test('asks to come back when a redelivered job has a holder that was alive a moment ago', async () => {
    const id = await store.accepted();
    await store.claimed(id);
    const answer = await claim(id, { worker: 'w2', redelivered: true });
    expect(answer.kind).toBe('busy');
    const waitMs = answer.kind === 'busy' ? answer.retryAfterMs : 0;
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(1_000);
  });

  test('takes a redelivered job from a holder that fell silent, before its lease is out', async () => {
    const id = await store.accepted();
    const lost = await store.claimed(id);
    await store.passed(id, 'beatAt');
    expect(await claim(id, { worker: 'w2', redelivered: true })).toMatchObject({ kind: 'ok', attempt: 2 });
    expect(await store.leases.beat(lost)).toBe('lost');
  });

  test('leaves a job to its silent holder when the message was not redelivered', async () => {
    const id = await store.accepted();
    await store.claimed(id, 'w1');
    await store.passed(id, 'beatAt');
    expect(await claim(id, { worker: 'w2', redelivered: false })).toEqual({ kind: 'busy', retryAfterMs: 0 });
    expect(await claim(id, { worker: 'w1', redelivered: false })).toEqual({ kind: 'busy', retryAfterMs: 0 });
  });

  test('gives a killed worker its job again when it is back under the same name, as soon as the old one has been silent', async () => {
    const id = await store.accepted();
    const before = await store.claimed(id, 'pod-1');
    const again = async () => claim(id, { worker: 'pod-1', redelivered: true });
    const tooSoon = await again();
    expect(tooSoon).toMatchObject({ kind: 'busy' });
    // The worker holds the message that long and asks again: 0 would mean "acknowledge it".
    expect(tooSoon.kind === 'busy' && tooSoon.retryAfterMs).toBeGreaterThan(0);
    const after = await waitUntil(
      async () => {
        const answer = await again();
        return answer.kind === 'ok' && answer;
      },
      { what: 'the second attempt', timeoutMs: 3 * store.settings.suspectMs },
    );
    expect(after).toMatchObject({ id, attempt: 2 });
    expect(await store.leases.beat(before)).toBe('lost');
    expect(await store.leases.complete(before, textOutput('of the dead'))).toBe('stale');
    expect(await store.leases.complete(after, textOutput('120'))).toBe('ok');
  });

  test('does not end a job on its last try for the silence of its holder', async () => {
    const id = await store.accepted({ maxAttempts: 1 });
    const holder = await store.claimed(id);
    await store.passed(id, 'beatAt');
    expect(await claim(id, { worker: 'w2', redelivered: true })).toEqual({ kind: 'busy', retryAfterMs: 0 });
    expect(await store.leases.complete(holder, textOutput('late'))).toBe('ok');
  });

  test('answers terminal for a final job and gone for an unknown one', async () => {
    const id = await store.accepted();
    await store.leases.complete(await store.claimed(id), textOutput('1'));
    expect(await claim(id)).toEqual({ kind: 'terminal', status: 'done' });
    expect(await claim('nobody')).toEqual({ kind: 'gone' });
  });

  test('fails a job whose tries are used up', async () => {
    const id = await store.accepted({ maxAttempts: 1 });
    await store.claimed(id);
    await store.expireLease(id);
    expect(await claim(id)).toEqual({ kind: 'terminal', status: 'failed' });
    expect(await store.field(id, 'errorCode')).toBe('attempts-exhausted');
  });

  test('fails a job that waited too long', async () => {
    const id = await store.accepted();
    await store.passed(id, 'queueDeadline');
    expect(await claim(id)).toEqual({ kind: 'terminal', status: 'failed' });
    expect(await store.field(id, 'errorCode')).toBe('queue-timeout');
  });

  test('does not give out a job before its retry is due', async () => {
    const id = await store.accepted();
    await store.leases.fail(await store.claimed(id), { code: 'x', message: 'y' }, 60_000);
    expect(await claim(id)).toEqual({ kind: 'busy', retryAfterMs: 0 });
  });
});

describe('claim with a more urgent job waiting', () => {
  test('gives the most urgent job and brings the passed-over one back to the sweeper', async () => {
    const pool = 'swap';
    const normal = await store.accepted({ pool });
    const high = await store.accepted({ pool, priority: 'high', input: 'urgent' });
    const answer = await claim(normal, { nonce: 'swapped' });
    expect(answer).toMatchObject({ kind: 'ok', id: high, attempt: 1, input: 'urgent' });
    expect(await store.field(normal, 'status')).toBe('queued');
    expect(await store.dueAt(normal)).toBeLessThanOrEqual(Date.now());
    expect(await claim(normal, { nonce: 'swapped' })).toEqual(answer);
    expect(await claim(normal)).toMatchObject({ kind: 'ok', id: normal });
  });

  test('keeps to the delivered job among equals', async () => {
    const pool = 'equals';
    await store.accepted({ pool });
    const second = await store.accepted({ pool });
    expect(await claim(second)).toMatchObject({ kind: 'ok', id: second });
  });

  test('fails an urgent job that waited too long, and gives the delivered one', async () => {
    const pool = 'stale-head';
    const normal = await store.accepted({ pool });
    const high = await store.accepted({ pool, priority: 'high' });
    await store.passed(high, 'queueDeadline');
    expect(await claim(normal)).toMatchObject({ kind: 'ok', id: normal });
    expect(await store.field(high, 'status')).toBe('failed');
  });

  test('leaves the lease index of a taken-over job alone when it is passed over', async () => {
    const pool = 'swap-held';
    const held = await store.accepted({ pool });
    await store.claimed(held);
    await store.passed(held, 'beatAt');
    const leaseEnd = await store.dueAt(held);
    const high = await store.accepted({ pool, priority: 'high' });
    expect(await claim(held, { worker: 'w2', redelivered: true })).toMatchObject({ kind: 'ok', id: high });
    expect(await store.dueAt(held)).toBe(leaseEnd);
  });
});
