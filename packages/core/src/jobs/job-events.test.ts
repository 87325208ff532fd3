/** Each step of a job's life leaves its event, in the same step, and none is left behind. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestJobStore, said, textOutput, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { beforeAll as first, isAfter, timeOf } from './job-event.ts';

let testRedis: TestRedis;
let store: TestJobStore;
beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis, { maxSaidBytes: 10 });
});
afterAll(async () => testRedis.close());

const error = { code: 'broken', message: 'it broke' };

const told = async (id: string) =>
  (await store.events.read(id, first, 100)).map(({ type, attempt, data }) => ({ type, attempt, ...data }));
const kinds = async (id: string): Promise<string> =>
  (await told(id)).map(({ type, attempt }) => `${type} ${attempt}`).join(', ');

describe('the events of a job', () => {
  test('tell its way to the end', async () => {
    const id = await store.accepted();
    const attempt = await store.claimed(id);
    await store.leases.progress(attempt, said(0.5, 'half', { log: 'l\n', output: 'o' }));
    await store.leases.complete(attempt, textOutput('120'));
    expect(await told(id)).toEqual([
      { type: 'queued', attempt: 0, reason: 'accepted' },
      { type: 'started', attempt: 1 },
      { type: 'progress', attempt: 1, value: 0.5, message: 'half' },
      { type: 'log', attempt: 1, text: 'l\n' },
      { type: 'output', attempt: 1, text: 'o' },
      { type: 'done', attempt: 1, outputBytes: 3, outputMediaType: 'text/plain' },
    ]);
  });

  test('say why it waits again', async () => {
    const id = await store.accepted();
    await store.leases.fail(await store.claimed(id), error, 5_000);
    await store.passed(id, 'notBefore');
    await store.leases.release(await store.claimed(id));
    const attempt = await store.claimed(id);
    await store.expireLease(id);
    await store.dueJobs.reap(id, true);
    await store.leases.beat(attempt);
    await store.intake.cancel(id);
    await store.intake.retry(id);
    const events = await told(id);
    expect(events[2]).toMatchObject({ type: 'queued', attempt: 1, reason: 'failed', error });
    expect(Reflect.get(events[2] ?? {}, 'notBeforeMs')).toBeGreaterThan(Date.now());
    expect(events.flatMap((event) => ('reason' in event ? [event.reason] : []))).toEqual([
      'accepted',
      'failed',
      'released',
      'worker-lost',
      'retried',
    ]);
    expect(await kinds(id)).toBe(
      'queued 0, started 1, queued 1, started 2, queued 2, started 3, queued 3, started 3, cancelled 3, queued 3',
    );
  });

  test('tell a failure, and the update of a worker that never claims', async () => {
    const failed = await store.accepted();
    await store.leases.fail(await store.claimed(failed), error);
    expect((await told(failed)).at(-1)).toEqual({
      type: 'failed',
      attempt: 1,
      error: { ...error, retryable: false },
    });
    const settled = await store.accepted();
    await store.leases.settle(settled, { status: 'failed', message: 'no' });
    expect((await told(settled)).at(-1)).toMatchObject({
      type: 'failed',
      error: { code: 'task-error', message: 'no' },
    });
  });

  test('are not told twice when an answer was lost', async () => {
    const id = await store.accepted();
    const attempt = await store.claimed(id, 'w1', 'nonce');
    await store.claimed(id, 'w1', 'nonce');
    await store.leases.complete(attempt, textOutput('1'));
    await store.leases.complete(attempt, textOutput('1'));
    expect(await kinds(id)).toBe('queued 0, started 1, done 1');
  });

  test('have ids in order, with the time by Redis', async () => {
    const id = await store.accepted();
    await store.intake.cancel(id);
    const [before, after] = await store.events.read(id, first, 10);
    expect(isAfter(after?.id ?? '', before?.id ?? '')).toBe(true);
    expect(Math.abs(timeOf(before?.id ?? '') - Date.now())).toBeLessThan(5_000);
    expect(await store.events.read(id, before?.id ?? '', 10)).toEqual([after]);
    expect(await store.events.last(id)).toEqual(after);
  });
});

describe('what an attempt says', () => {
  test('is known when it is said a second time', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.leases.progress(attempt, said(0, '', { log: 'ab', output: 'c' }));
    await store.leases.progress(attempt, said(0, '', { log: 'ab', output: 'c' }));
    await store.leases.progress(attempt, said(0, '', { before: 3, output: 'd' }));
    expect(await kinds(attempt.id)).toBe('queued 0, started 1, progress 1, log 1, output 1, output 1');
  });

  test('is kept up to a limit, which is told once; a new attempt has its own', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.leases.progress(attempt, said(0, '', { output: '0123456789' }));
    await store.leases.progress(attempt, said(0, '', { before: 10, output: 'x' }));
    await store.leases.progress(attempt, said(0, '', { before: 11, log: 'y', output: 'z' }));
    await store.leases.release(attempt);
    await store.leases.progress(await store.claimed(attempt.id), said(0, '', { log: 'new' }));
    const texts = (await told(attempt.id)).filter((event) => 'text' in event);
    expect(texts).toEqual([
      { type: 'output', attempt: 1, text: '0123456789' },
      { type: 'output', attempt: 1, text: '', truncated: true },
      { type: 'log', attempt: 2, text: 'new' },
    ]);
  });

  test('counts against the byte budget until the job is gone', async () => {
    const before = await store.retention.usedBytes();
    const attempt = await store.claimed(await store.accepted({ input: {} }));
    await store.leases.progress(attempt, said(0.1, '', { output: '12345' }));
    expect(await store.retention.usedBytes()).toBe(before + '{}'.length + '12345'.length + 2 * 64);
    await store.leases.complete(attempt, textOutput('1'));
    await store.retention.expire(attempt.id, 'now');
    expect(await store.retention.usedBytes()).toBe(before);
  });

  test('is taken from a holder whose lease ran out, and from nobody once another has claimed', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.expireLease(attempt.id);
    await store.dueJobs.reap(attempt.id, true);
    await store.leases.progress(attempt, said(0.5, 'half', { log: 'late\n' }));
    expect((await told(attempt.id)).at(-1)).toEqual({ type: 'log', attempt: 1, text: 'late\n' });
    await store.claimed(attempt.id);
    await store.leases.progress(attempt, said(0.6, '', { before: 5, log: 'no\n' }));
    expect((await told(attempt.id)).at(-1)).toEqual({ type: 'started', attempt: 2 });
  });

  test('counts no more than is kept of it, however long it goes on', async () => {
    const attempt = await store.claimed(await store.accepted({ input: {} }));
    const before = await store.retention.usedBytes();
    const message = 'm'.repeat(100);
    await Promise.all(
      Array.from({ length: 1_500 }, async (_, step) =>
        store.leases.progress(attempt, said(step / 1_500, message)),
      ),
    );
    const counted = (await store.retention.usedBytes()) - before;
    expect(counted).toBeGreaterThan(900 * (64 + message.length));
    expect(counted).toBeLessThanOrEqual(1_000 * (64 + message.length));
  });

  test('counts when a job is cancelled and wanted again without end', async () => {
    const before = await store.retention.usedBytes();
    const id = await store.accepted({ input: {} });
    for (let life = 0; life < 20; life += 1) {
      await store.intake.cancel(id);
      await store.intake.retry(id);
    }
    expect((await store.retention.usedBytes()) - before).toBe('{}'.length + 20 * 3 * 64);
    await store.intake.cancel(id);
    await store.retention.expire(id, 'now');
    expect(await store.retention.usedBytes()).toBe(before);
  });

  test('of somebody who does not hold the job is not told', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.leases.progress({ ...attempt, token: 'forged' }, said(0.5, 'forged', { output: 'forged' }));
    expect(await kinds(attempt.id)).toBe('queued 0, started 1');
  });
});

describe('the stream of events', () => {
  test('lives as long as the job: a TTL when it has ended, none when it is wanted again, gone with it', async () => {
    const { redis, keys } = testRedis;
    const id = await store.accepted();
    expect(await redis.pttl(keys.events(id))).toBe(-1);
    await store.intake.cancel(id);
    expect(await redis.pttl(keys.events(id))).toBeGreaterThan(0);
    await store.intake.retry(id);
    expect(await redis.pttl(keys.events(id))).toBe(-1);
    await store.intake.cancel(id);
    await store.retention.expire(id, 'now');
    expect(await redis.exists(keys.events(id))).toBe(0);
  });

  test('that is left without a job is cleared away', async () => {
    const { redis, keys } = testRedis;
    await redis.xadd(keys.events('nobody'), '*', 'event', 'queued');
    const found: string[] = [];
    for (let cursor: string | undefined = '0:0'; cursor !== undefined;) {
      const page = await store.repair.ids(cursor);
      found.push(...page.ids);
      cursor = page.next;
    }
    expect(found).toContain('nobody');
    expect(await store.repair.repair('nobody')).toBe('deleted');
    expect(await redis.exists(keys.events('nobody'))).toBe(0);
  });

  test('keeps the newest thousand or so', async () => {
    const attempt = await store.claimed(await store.accepted());
    await Promise.all(
      Array.from({ length: 1_500 }, async (_, step) =>
        store.leases.progress(attempt, said(step / 1_500, String(step))),
      ),
    );
    const kept = await testRedis.redis.xlen(testRedis.keys.events(attempt.id));
    expect(kept).toBeGreaterThanOrEqual(1_000);
    expect(kept).toBeLessThan(1_200);
  });
});
