import { randomUUID } from 'node:crypto';
import { AppError } from '@factorial/core/errors/app-error';
import type { TakenDelivery, WebhookDeliveries } from '@factorial/core/jobs/webhook';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { describeServiceContract } from '@factorial/core/testing/service-stress';
import { createTestJobStore, type TestJobStore } from '@factorial/core/testing/test-job-store';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import { createFakeClock, type FakeClock } from '@factorial/core/testing/fake-clock';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWebhookSender, type WebhookSender, type WebhookSenderDeps } from './webhook-sender.ts';

let redis: TestRedis;
let store: TestJobStore;
beforeAll(async () => {
  redis = await createTestRedis();
  store = createTestJobStore(redis);
});
beforeEach(async () => {
  clock = createFakeClock();
  const names = await redis.keyNames();
  if (names.length > 0) await redis.redis.unlink(names);
});
afterAll(async () => redis.close());

const log = createRecordedLogger();
let clock: FakeClock;

/** Deliveries that hang until they are let go, or broken off. */
const createTargets = (hangs: (delivery: TakenDelivery) => boolean = () => false) => {
  const begun: TakenDelivery[] = [];
  const open = Promise.withResolvers<void>();
  const delivered = async (delivery: TakenDelivery): Promise<boolean> => {
    await store.webhooks.record(delivery.id, { at: 1, durationMs: 1 }, { kind: 'delivered' });
    return true;
  };
  const deliver = async (delivery: TakenDelivery, signal: AbortSignal): Promise<boolean> => {
    begun.push(delivery);
    if (!hangs(delivery)) return delivered(delivery);
    const broken = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => broken.resolve());
    if (signal.aborted) broken.resolve();
    await Promise.race([open.promise, broken.promise]);
    return signal.aborted ? false : delivered(delivery);
  };
  return { begun, deliver, letGo: open.resolve };
};

const create = (
  deliver: WebhookSenderDeps['deliver'],
  changes: Partial<WebhookSenderDeps> = {},
): WebhookSender =>
  createWebhookSender({
    deliveries: store.webhooks,
    deliver,
    clock,
    logger: log.logger,
    random: () => 0.5,
    intervalMs: 10,
    ...changes,
  });

/** Jobs that have ended, each with a delivery to this host. */
const ended = async (count: number, host: string, owner: string = randomUUID()): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const webhook = { url: `https://${host}/`, events: ['cancelled' as const] };
      const id = await store.accepted({ owner, webhook });
      await store.intake.cancel(id);
      return id;
    }),
  );

/** From now until the next attempts, in ms. */
const waitsOf = async (): Promise<number[]> => {
  const scores = await redis.redis.zrange(redis.keys.webhooksDue, '0', '-1', 'WITHSCORES');
  return scores.filter((_, index) => index % 2 === 1).map((score) => Number(score) - Date.now());
};

const hostsOf = (begun: readonly TakenDelivery[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { url } of begun) counts[new URL(url).host] = (counts[new URL(url).host] ?? 0) + 1;
  return counts;
};

describe('what is due', () => {
  test('is delivered once by two senders', async () => {
    await ended(50, 'a.example.com');
    const targets = createTargets();
    const limits = { total: 100, perHost: 100, perOwner: 100 };
    const senders = [create(targets.deliver, { limits }), create(targets.deliver, { limits })];
    await Promise.all(senders.map(async (sender) => sender.start()));
    await waitUntil(async () => (await redis.redis.zcard(redis.keys.webhooksDue)) === 0, {
      what: 'all are delivered',
    });
    await Promise.all(senders.map(async (sender) => sender.stop(new AbortController().signal)));
    expect(new Set(targets.begun.map(({ id }) => id)).size).toBe(50);
    expect(targets.begun).toHaveLength(50);
  });

  test('is delivered to others while one host hangs with a long line of deliveries', async () => {
    await ended(500, 'slow.example.com', 'ann');
    const quick = await ended(3, 'quick.example.com', 'bob');
    const targets = createTargets(({ url }) => url.includes('slow'));
    const sender = create(targets.deliver);
    await sender.runOnce();
    await waitUntil(() => targets.begun.length === 11, { what: 'all have begun that may' });
    expect(hostsOf(targets.begun)).toEqual({ 'slow.example.com': 8, 'quick.example.com': 3 });
    for (const id of quick) expect(await store.webhooks.list(id)).toMatchObject([{ status: 'delivered' }]);
    // Those for which there is no place come again later, without an attempt, the later the more there are.
    const waits = await waitsOf();
    expect(Math.min(...waits)).toBeGreaterThan(0);
    expect(Math.max(...waits)).toBeLessThan(31_000);
    targets.letGo();
    await sender.settled();
    expect(targets.begun).toHaveLength(8 + 256 + 3);
  });

  test('to a host that answers is delivered one after the other, without a look at Redis for each', async () => {
    await ended(200, 'a.example.com', 'ann');
    let together = 0;
    let most = 0;
    const targets = createTargets();
    const sender = create(async (delivery, signal) => {
      together += 1;
      most = Math.max(most, together);
      await targets.deliver(delivery, signal);
      together -= 1;
      return true;
    });
    expect(await sender.runOnce()).toBe(200);
    await sender.settled();
    expect([targets.begun.length, most]).toEqual([200, 8]);
  });

  test('waits no longer in line than its lease allows', async () => {
    await ended(20, 'slow.example.com', 'ann');
    const targets = createTargets(() => true);
    const sender = create(targets.deliver);
    await sender.runOnce();
    clock.advance(9_999);
    await sender.runOnce();
    expect(Math.min(...(await waitsOf()))).toBeGreaterThan(20_000);
    clock.advance(1);
    await sender.runOnce();
    expect((await waitsOf()).filter((waitMs) => waitMs < 3_000)).toHaveLength(12);
    targets.letGo();
    await sender.settled();
    expect(targets.begun).toHaveLength(8);
  });

  test('of one owner with many hosts that hang does not hold up another owner', async () => {
    for (let index = 0; index < 40; index += 1) await ended(1, `slow-${index}.example.com`, 'ann');
    await ended(1, 'quick.example.com', 'bob');
    const targets = createTargets(({ owner }) => owner === 'ann');
    const sender = create(targets.deliver);
    await sender.runOnce();
    const owners = targets.begun.map(({ owner }) => owner);
    expect([owners.filter((owner) => owner === 'ann').length, owners.includes('bob')]).toEqual([16, true]);
    targets.letGo();
    await sender.settled();
  });

  test('of one host under many ports and spellings has one share', async () => {
    for (const host of ['slow.example.com', 'slow.example.com.', 'SLOW.example.com'])
      for (const port of ['', ':8443', ':9443']) await ended(2, `${host}${port}`);
    const targets = createTargets(() => true);
    const sender = create(targets.deliver);
    await sender.runOnce();
    expect(targets.begun).toHaveLength(8);
    targets.letGo();
    await sender.settled();
  });

  test('is begun as far as there is room in all, and the rest when there is again', async () => {
    for (let index = 0; index < 15; index += 1) await ended(1, `h${index}.example.com`);
    const targets = createTargets(() => true);
    const sender = create(targets.deliver, {
      limits: { total: 5, perHost: 4, perOwner: 16 },
      line: { total: 3, perHost: 3, waitMs: 10_000 },
    });
    expect(await sender.runOnce()).toBe(8);
    expect(await sender.runOnce()).toBe(0);
    expect(targets.begun).toHaveLength(5);
    targets.letGo();
    await sender.settled();
    expect(targets.begun).toHaveLength(8);
    expect(await sender.runOnce()).toBe(7);
    await sender.settled();
  });
});

describe('a stop', () => {
  test('lets deliveries under way end, and begins no more', async () => {
    const [first = ''] = await ended(1, 'a.example.com');
    await ended(10, 'a.example.com');
    await store.makeWebhookDue(`${first}-1`);
    const targets = createTargets(() => true);
    const sender = create(targets.deliver);
    await sender.runOnce();
    const stopping = sender.stop(new AbortController().signal);
    const [second = ''] = await ended(1, 'b.example.com');
    expect(await sender.runOnce()).toBe(0);
    targets.letGo();
    await stopping;
    expect(targets.begun).toHaveLength(8);
    // Those in line are another sender's at once.
    expect((await waitsOf()).filter((waitMs) => waitMs <= 0)).toHaveLength(4);
    expect(await store.webhooks.list(first)).toMatchObject([{ status: 'delivered' }]);
    expect(await store.webhooks.list(second)).toMatchObject([{ status: 'pending' }]);
  });

  test('at its deadline breaks them off, and another sender has them at once', async () => {
    const [id = ''] = await ended(1, 'a.example.com');
    const sender = create(createTargets(() => true).deliver);
    await sender.runOnce();
    await sender.stop(AbortSignal.abort());
    expect(await store.webhooks.list(id)).toMatchObject([{ status: 'pending', tries: 0 }]);
    const other = create(createTargets().deliver);
    expect(await other.runOnce()).toBe(1);
    await other.settled();
    expect(await store.webhooks.list(id)).toMatchObject([{ status: 'delivered' }]);
  });

  describe('and a start keep to the contract', () => {
    describeServiceContract({ create: () => create(createTargets().deliver) });
  });
});

describe('while Redis fails', () => {
  const unavailable = new AppError('store-unavailable', 'away');

  test('the sender goes on looking, and goes on with its work afterwards', async () => {
    await ended(1, 'a.example.com');
    let failures = 3;
    const deliveries: WebhookDeliveries = {
      ...store.webhooks,
      take: async (limit, leaseMs) => {
        failures -= 1;
        if (failures >= 0) throw unavailable;
        return store.webhooks.take(limit, leaseMs);
      },
    };
    const targets = createTargets();
    const sender = create(targets.deliver, { deliveries });
    await sender.start();
    await waitUntil(() => targets.begun.length === 1, { what: 'it is delivered' });
    await sender.stop(new AbortController().signal);
    expect(log.linesOf('webhooks could not be taken').length).toBeGreaterThanOrEqual(3);
  });

  test('an attempt that cannot be recorded is made again when its lease is over', async () => {
    const [id = ''] = await ended(1, 'a.example.com');
    const sender = create(async () => Promise.reject(unavailable));
    expect(await sender.runOnce()).toBe(1);
    await sender.settled();
    expect(await sender.runOnce()).toBe(0);
    await store.makeWebhookDue(`${id}-1`);
    expect(await sender.runOnce()).toBe(1);
    await sender.settled();
    expect(log.linesOf('webhook attempt not recorded')).toHaveLength(2);
  });

  test('and a job that nobody can read is not looked at twice a second', async () => {
    const [id = ''] = await ended(1, 'a.example.com');
    const sender = create(async () => Promise.reject(new Error('not JSON')));
    await sender.runOnce();
    await sender.settled();
    const [delivery] = await store.webhooks.list(id);
    expect((delivery?.nextAttemptAt ?? 0) - Date.now()).toBeGreaterThan(500_000);
    expect(log.linesOf('webhook attempt failed')).toHaveLength(1);
  });
});
