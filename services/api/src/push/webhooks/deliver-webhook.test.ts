/** A delivery over its whole day, with the days made short: the next attempt is moved to now, and its delay added up. */
import { createFakeClock, type FakeClock } from '@factorial/core/testing/fake-clock';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { createTestJobStore, type TestJobStore } from '@factorial/core/testing/test-job-store';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createJobViewer } from '../../jobs/job-view.ts';
import { answering, startWebhookReceiver, type WebhookReceiver } from '../../testing/webhook-receiver.ts';
import { createWebhooks } from './create-webhooks.ts';
import { type AttemptResult, mostTries } from './plan-after.ts';
import { webhookSecrets } from './signature.ts';
import type { WebhookSender } from './webhook-sender.ts';
import { parseCidr } from './allowed-addresses.ts';

const key = 'the-newest-key-of-this-installation';

let redis: TestRedis;
let store: TestJobStore;
let receiver: WebhookReceiver;
let clock: FakeClock;
let results: AttemptResult[];

beforeAll(async () => {
  redis = await createTestRedis();
  store = createTestJobStore(redis);
  receiver = await startWebhookReceiver();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answerWith(answering(204));
  clock = createFakeClock(Date.now());
  results = [];
});
afterAll(async () => {
  await receiver.close();
  await redis.close();
});

const createSender = (allowed: string[] = ['127.0.0.1/32']): WebhookSender => {
  const sender = createWebhooks({
    config: {
      WEBHOOK_KEYS: [key],
      WEBHOOK_ALLOW_HTTP: true,
      WEBHOOK_ALLOWED_CIDRS: allowed.flatMap((cidr) => parseCidr(cidr) ?? []),
    },
    intake: store.intake,
    deliveries: store.webhooks,
    viewer: createJobViewer({
      ...store,
      readPool: async () => Promise.reject(new Error('nobody asks for it')),
      clock,
    }),
    clock,
    random: () => 0.5,
    logger: createRecordedLogger().logger,
    onAttempt: (result) => results.push(result),
    resolve: async () => Promise.resolve(['127.0.0.1']),
  });
  if (sender === undefined) throw new Error('there are keys');
  return sender;
};

const cancelled = async (url = receiver.url()): Promise<string> => {
  const id = await store.accepted({ owner: 'ann', webhook: { url, events: ['cancelled'] } });
  await store.intake.cancel(id);
  return id;
};

const deliveryOf = async (id: string) => {
  const [delivery] = await store.webhooks.list(id);
  if (delivery === undefined) throw new Error('there is none');
  return delivery;
};

/** @returns ms until the next attempt; undefined when there is none. */
const attempt = async (sender: WebhookSender, id: string): Promise<number | undefined> => {
  await store.makeWebhookDue(`${id}-1`);
  await sender.runOnce();
  await sender.settled();
  const { status, nextAttemptAt } = await deliveryOf(id);
  return status === 'pending' ? (nextAttemptAt ?? 0) - Date.now() : undefined;
};

test('is given up when its target has answered 500 for a day', async () => {
  receiver.answerWith(answering(500));
  const [sender, id] = [createSender(), await cancelled()];
  let hours = 0;
  for (let delayMs = await attempt(sender, id); delayMs !== undefined; delayMs = await attempt(sender, id)) {
    hours += delayMs / 3_600_000;
    clock.advance(delayMs);
  }
  expect(hours).toBeGreaterThan(20);
  expect(hours).toBeLessThan(24);
  expect(receiver.received).toHaveLength(mostTries);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([`${id}-1`]),
  );
  // Each attempt is signed anew, for its own time.
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(mostTries);
  const { status, attempts } = await deliveryOf(id);
  expect([status, attempts.at(-1)?.error]).toEqual([
    'failed',
    `answered 500; given up after ${mostTries} attempts`,
  ]);
  expect(results).toEqual([...Array.from({ length: mostTries - 1 }, () => 'retry'), 'exhausted']);
});

test('comes at last when its target has been away for hours', async () => {
  receiver.answerWith(answering(500));
  const [sender, id] = [createSender(), await cancelled()];
  for (let tries = 0; tries < 7; tries += 1) clock.advance((await attempt(sender, id)) ?? 0);
  clock.advance(Date.now() - clock.now());
  receiver.answerWith(answering(200));
  expect(await attempt(sender, id)).toBeUndefined();
  const last = receiver.received.at(-1);
  const [secret = ''] = webhookSecrets([key], 'ann');
  expect(
    new Webhook(secret).verify(last?.body ?? '', {
      'webhook-id': String(last?.headers['webhook-id']),
      'webhook-timestamp': String(last?.headers['webhook-timestamp']),
      'webhook-signature': String(last?.headers['webhook-signature']),
    }),
  ).toMatchObject({ type: 'job.cancelled', data: { id } });
  expect((await deliveryOf(id)).status).toBe('delivered');
});

test('says what happened and the job as it stands when it is sent', async () => {
  receiver.answerWith(answering(500));
  const [sender, id] = [createSender(), await cancelled()];
  await attempt(sender, id);
  await store.intake.retry(id);
  await attempt(sender, id);
  const [first, second] = receiver.received.map(({ body }): unknown => JSON.parse(body));
  expect(first).toMatchObject({ type: 'job.cancelled', data: { status: 'cancelled' } });
  expect(second).toMatchObject({ type: 'job.cancelled', data: { status: 'queued' } });
  expect(Reflect.get(Object(second), 'timestamp')).toBe(Reflect.get(Object(first), 'timestamp'));
});

test('to an address that has ceased to be allowed ends, with the reason, and nothing is sent', async () => {
  const id = await cancelled('http://hook.example.com/');
  expect(await attempt(createSender(['127.0.0.2/32']), id)).toBeUndefined();
  expect(await deliveryOf(id)).toMatchObject({
    status: 'failed',
    attempts: [{ error: 'the target leads to an address that webhooks may not go to' }],
  });
  expect([results, receiver.received]).toEqual([['refused'], []]);
});

test('of a job that is gone is not made', async () => {
  const id = await cancelled();
  await redis.redis.unlink(redis.keys.job(id));
  const sender = createSender();
  await store.makeWebhookDue(`${id}-1`);
  expect(await sender.runOnce()).toBe(0);
  await sender.settled();
  expect(receiver.received).toEqual([]);
});
