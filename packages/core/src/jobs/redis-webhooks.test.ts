import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestJobStore, textOutput, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';
import type { Webhook, WebhookEvent } from './webhook.ts';

let testRedis: TestRedis;
let store: TestJobStore;
beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis);
});
beforeEach(async () => {
  const names = await testRedis.keyNames();
  if (names.length > 0) await testRedis.redis.unlink(names);
});
afterAll(async () => testRedis.close());

const url = 'https://example.com/hook';
const telling = (...events: WebhookEvent[]): { webhook: Webhook } => ({ webhook: { url, events } });
const final = telling('done', 'failed', 'cancelled');
const attempt = { at: 1_700_000_000_123, status: 500, error: 'answered 500', durationMs: 12 };
const leaseMs = 30_000;

const take = async (limit = 10) => store.webhooks.take(limit, leaseMs);
const takenIds = async (limit = 10) => (await take(limit)).map(({ id }) => id);
const listed = async (id: string) => store.webhooks.list(id);

/** A finished job with its one delivery. */
const finished = async (): Promise<{ id: string; delivery: string }> => {
  const id = await store.accepted(final);
  await store.intake.cancel(id);
  return { id, delivery: `${id}-1` };
};

describe('a job with a webhook', () => {
  test('has a delivery for each event that it wants, and for no other', async () => {
    const id = await store.accepted(telling('started', 'done'));
    await store.leases.complete(await store.claimed(id), textOutput('1'));
    expect(await listed(id)).toMatchObject([
      { id: `${id}-1`, job: id, event: 'started', status: 'pending', tries: 0, attempts: [] },
      { id: `${id}-2`, event: 'done', status: 'pending' },
    ]);
    const other = await store.accepted(telling('done'));
    await store.intake.cancel(other);
    expect(await listed(other)).toEqual([]);
  });

  test('keeps its webhook, and one without has none and makes no keys', async () => {
    const id = await store.accepted(final);
    const found = await store.intake.find(id);
    expect(found).toMatchObject({ kind: 'job', job: { webhook: final.webhook } });
    const without = await store.accepted();
    await store.leases.complete(await store.claimed(without), textOutput('1'));
    expect((await testRedis.keyNames()).filter((name) => name.includes('webhook'))).toEqual([]);
  });

  test.each(['queue-timeout', 'attempts-exhausted'])('is told of an end by %s', async (reason) => {
    const id = await store.accepted({ ...final, maxAttempts: 1 });
    if (reason === 'queue-timeout') await store.passed(id, 'queueDeadline');
    else {
      await store.claimed(id);
      await store.expireLease(id);
    }
    await store.makeDue(id);
    expect(await store.dueJobs.reap(id, true)).toEqual({ kind: 'failed', reason });
    expect(await listed(id)).toMatchObject([{ event: 'failed' }]);
  });

  test('is told of an end by a worker of the article', async () => {
    const id = await store.accepted(final);
    await store.leases.settle(id, { status: 'done', output: textOutput('1') });
    expect(await listed(id)).toMatchObject([{ event: 'done' }]);
  });

  test('has further deliveries when it is run again, and keeps the newest 100', async () => {
    const id = await store.accepted(final);
    for (let run = 0; run < 103; run += 1) {
      await store.intake.cancel(id);
      await store.intake.retry(id);
    }
    const ids = (await listed(id)).map((delivery) => delivery.id);
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([100, `${id}-4`, `${id}-103`]);
    expect(await testRedis.redis.zcard(testRedis.keys.webhooksDue)).toBe(100);
  });

  test('takes its deliveries with it when it goes', async () => {
    const { id } = await finished();
    const { redis, keys } = testRedis;
    expect(await redis.pttl(keys.webhooks(id))).toBeGreaterThan(0);
    await store.intake.retry(id);
    expect(await redis.pttl(keys.webhooks(id))).toBe(-1);
    await store.intake.cancel(id);
    await store.intake.remove(id);
    expect(await redis.exists(keys.webhooks(id), keys.webhooksDue)).toBe(0);
    expect(await listed(id)).toEqual([]);
  });
});

describe('a delivery that is due', () => {
  test('is taken by one of many senders', async () => {
    const { delivery } = await finished();
    const takes = await Promise.all(Array.from({ length: 20 }, async () => takenIds()));
    expect(takes.flat()).toEqual([delivery]);
  });

  test('says where it goes and whose it is', async () => {
    const { id, delivery } = await finished();
    expect(await take()).toMatchObject([
      { id: delivery, job: id, owner: 'ann', url, event: 'cancelled', tries: 0 },
    ]);
  });

  test('is taken again when the lease of its sender is over', async () => {
    const { delivery } = await finished();
    await take();
    await store.makeWebhookDue(delivery);
    expect(await takenIds()).toEqual([delivery]);
  });

  test('waits its turn: the earliest go first, and no more than are asked for', async () => {
    const all = [await finished(), await finished(), await finished()].map(({ delivery }) => delivery);
    expect(await store.webhooks.due()).toBe(3);
    await Promise.all(
      all.map(async (delivery, index) =>
        testRedis.redis.zadd(testRedis.keys.webhooksDue, 1_000 - index, delivery),
      ),
    );
    expect(await takenIds(2)).toEqual([all[2], all[1]]);
    expect(await store.webhooks.due()).toBe(1);
  });

  test('is put off without an attempt', async () => {
    const { id, delivery } = await finished();
    await take();
    await store.webhooks.putOff([
      { id: delivery, delayMs: 0 },
      { id: 'gone-1', delayMs: 0 },
    ]);
    expect(await listed(id)).toMatchObject([{ tries: 0, attempts: [] }]);
    expect(await takenIds()).toEqual([delivery]);
    expect(await testRedis.redis.zcard(testRedis.keys.webhooksDue)).toBe(1);
  });

  test('is dropped when the net has caught its job, and the others are taken', async () => {
    const { redis, keys } = testRedis;
    const [lost, bare, kept] = [await finished(), await finished(), await finished()];
    await redis.unlink(keys.job(lost.id), keys.webhooks(bare.id));
    expect(await takenIds()).toEqual([kept.delivery]);
    expect(await redis.zrange(keys.webhooksDue, '0', '-1')).toEqual([kept.delivery]);
  });

  test('that nobody can read does not keep others from being taken', async () => {
    const [broken, odd, sound] = [await finished(), await finished(), await finished()];
    await testRedis.redis.hset(testRedis.keys.job(odd.id), 'webhook', 'not JSON');
    await testRedis.redis.zadd(testRedis.keys.webhooksDue, 1, 'nonsense');
    await testRedis.redis.hset(testRedis.keys.webhooks(broken.id), '1', '{"event":"other"}');
    expect(await takenIds()).toEqual([sound.delivery]);
    expect(await listed(broken.id)).toEqual([]);
  });
});

describe('an attempt', () => {
  const again = { kind: 'again', delayMs: 60_000 } as const;

  test('that failed is recorded and made again after its delay', async () => {
    const { id, delivery } = await finished();
    await take();
    const before = Date.now();
    await store.webhooks.record(delivery, attempt, again);
    const [told] = await listed(id);
    expect(told).toMatchObject({ status: 'pending', tries: 1, attempts: [attempt] });
    expect((told?.nextAttemptAt ?? 0) - before).toBeGreaterThan(59_000);
    expect(await takenIds()).toEqual([]);
  });

  test.each(['delivered', 'failed'] as const)('that ends it leaves it %s and not due', async (kind) => {
    const { id, delivery } = await finished();
    await take();
    await store.webhooks.record(delivery, { at: 1, status: 204, durationMs: 3 }, { kind });
    const [told] = await listed(id);
    expect(told).toMatchObject({ status: kind, attempts: [{ status: 204 }] });
    expect(told).not.toHaveProperty('nextAttemptAt');
  });

  test('that comes late and failed does not bring a delivered one back', async () => {
    const { id, delivery } = await finished();
    await store.webhooks.record(delivery, attempt, { kind: 'delivered' });
    await store.webhooks.record(delivery, attempt, again);
    await store.webhooks.record(delivery, attempt, { kind: 'failed' });
    expect(await listed(id)).toMatchObject([{ status: 'delivered', tries: 3 }]);
    expect(await testRedis.redis.zcard(testRedis.keys.webhooksDue)).toBe(0);
  });

  test('that comes late and was delivered ends a delivery that was given up, or is to be made again', async () => {
    const { id, delivery } = await finished();
    await store.webhooks.record(delivery, attempt, { kind: 'failed' });
    await store.webhooks.record(delivery, attempt, { kind: 'delivered' });
    expect(await listed(id)).toMatchObject([{ status: 'delivered' }]);
  });

  test('is one of the newest 20 that are kept', async () => {
    const { id, delivery } = await finished();
    for (let at = 1; at <= 23; at += 1) await store.webhooks.record(delivery, { ...attempt, at }, again);
    const [told] = await listed(id);
    expect(told?.tries).toBe(23);
    expect(told?.attempts.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, index) => index + 4));
  });

  test('at what is gone is not recorded, and the delivery is not due any more', async () => {
    const { id, delivery } = await finished();
    await take();
    await testRedis.redis.unlink(testRedis.keys.webhooks(id));
    await store.webhooks.record(delivery, attempt, again);
    expect(await testRedis.redis.exists(testRedis.keys.webhooks(id), testRedis.keys.webhooksDue)).toBe(0);
  });
});

describe('a replay', () => {
  test('makes a delivery due with all its tries before it and the same id, and keeps its log', async () => {
    const { id, delivery } = await finished();
    await store.webhooks.record(delivery, attempt, { kind: 'failed' });
    expect(await store.webhooks.replay(delivery)).toBe(true);
    expect(await listed(id)).toMatchObject([{ status: 'pending', tries: 0, attempts: [attempt] }]);
    expect(await takenIds()).toEqual([delivery]);
    expect(await testRedis.redis.pttl(testRedis.keys.webhooks(id))).toBeGreaterThan(0);
  });

  test('of what is gone does nothing', async () => {
    expect(await store.webhooks.replay('nobody-1')).toBe(false);
    expect(await store.webhooks.replay('nobody')).toBe(false);
    expect(await testRedis.keyNames()).toEqual([]);
  });
});
