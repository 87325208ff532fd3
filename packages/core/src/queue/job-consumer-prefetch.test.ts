import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Service } from '../lifecycle/service.ts';
import { createRecordedLogger } from '../testing/recorded-logger.ts';
import { createTestRabbit, type TestRabbit } from '../testing/test-rabbit.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { createJobConsumer } from './job-consumer.ts';
import type { Delivery, JobConsumer } from './job-queue.ts';
import { queueName } from './topology.ts';

const never = new AbortController().signal;
const { logger } = createRecordedLogger();

let rabbit: TestRabbit;
let consumer: JobConsumer & Service;
let deliveries: Delivery[];
let onDelivery: (delivery: Delivery) => void;
let pool: string;
let queue: string;
let tests = 0;

const send = (count: number) =>
  rabbit.sendAll(
    queue,
    Array.from({ length: count }, (_, index) => JSON.stringify({ request_id: `job-${index}` })),
  );
const counts = () => rabbit.queueCounts(queue);

beforeAll(async () => {
  rabbit = await createTestRabbit();
});
afterAll(async () => rabbit.close());
beforeEach(async () => {
  tests += 1;
  pool = `pool-${tests}`;
  queue = queueName(pool);
  deliveries = [];
  onDelivery = () => undefined;
  consumer = createJobConsumer({
    url: rabbit.amqpUrl,
    pool,
    prefetch: 1,
    logger,
    onDelivery: (delivery) => {
      deliveries.push(delivery);
      onDelivery(delivery);
    },
  });
  await consumer.start();
});
afterEach(async () => consumer.stop(never));

test('takes more at once when the prefetch is raised while it holds one', async () => {
  await send(10);
  await waitUntil(() => deliveries.length === 1, { what: 'one delivery' });
  await consumer.setPrefetch(4);
  await waitUntil(() => deliveries.length === 5, { what: 'the one and four more' });
  deliveries[0]?.ack();
  await waitUntil(async () => (await counts())?.consumers === 1, { what: 'the old consumer is gone' });
  expect(await counts()).toEqual({ ready: 5, consumers: 1 });
  expect(deliveries).toHaveLength(5);
});

test('takes fewer when the prefetch is lowered', async () => {
  await consumer.setPrefetch(4);
  await send(10);
  await waitUntil(() => deliveries.length === 4, { what: 'four deliveries' });
  await consumer.setPrefetch(1);
  deliveries.slice(0, 4).forEach((delivery) => delivery.ack());
  await waitUntil(async () => (await counts())?.consumers === 1, { what: 'the old consumer is gone' });
  expect(deliveries).toHaveLength(5);
  expect((await counts())?.ready).toBe(5);
});

test('applies the last prefetch when it is changed while not connected', async () => {
  await consumer.stop(never);
  consumer = createJobConsumer({
    url: rabbit.amqpUrl,
    pool,
    prefetch: 1,
    logger,
    onDelivery: (delivery) => deliveries.push(delivery),
  });
  await consumer.setPrefetch(3);
  await consumer.start();
  await send(5);
  await waitUntil(() => deliveries.length === 3, { what: 'three deliveries' });
  expect((await counts())?.ready).toBe(2);
});

test('applies the last of several when the prefetch is changed faster than the broker answers', async () => {
  await Promise.all([2, 9, 5, 3].map((count) => consumer.setPrefetch(count)));
  await waitUntil(async () => (await counts())?.consumers === 1, { what: 'one consumer' });
  await send(10);
  await waitUntil(() => deliveries.length === 3, { what: 'three deliveries' });
  expect((await counts())?.ready).toBe(7);
});

test('loses and doubles nothing when the prefetch changes under load', async () => {
  const total = 3_000;
  onDelivery = (delivery) => setImmediate(() => delivery.ack());
  const sending = send(total);
  for (let change = 1; deliveries.length < total && change < 2_000; change += 1) {
    await consumer.setPrefetch(1 + (change % 64));
    expect(consumer.consuming()).toBe(true);
  }
  await sending;
  await waitUntil(() => new Set(deliveries.map(({ jobId }) => jobId)).size === total, {
    what: 'all are handled',
  });
  await consumer.stop(never);
  expect(deliveries).toHaveLength(total);
  expect(await counts()).toEqual({ ready: 0, consumers: 0 });
});
