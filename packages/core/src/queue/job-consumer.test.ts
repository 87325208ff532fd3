import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Service } from '../lifecycle/service.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createRecordedLogger, type RecordedLogger } from '../testing/recorded-logger.ts';
import { describeServiceContract } from '../testing/service-stress.ts';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts';
import { createTestRabbit, type TestRabbit } from '../testing/test-rabbit.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { createJobConsumer, type JobConsumerDeps } from './job-consumer.ts';
import type { Delivery, JobConsumer } from './job-queue.ts';
import { deadLetterQueueName, queueName } from './topology.ts';

const never = new AbortController().signal;

let rabbit: TestRabbit;
let proxy: TcpProxy;
let consumer: JobConsumer & Service;
let deliveries: Delivery[];
let log: RecordedLogger;
/** Each test has a queue of its own. */
let pool: string;
let queue: string;
let tests = 0;

const create = (changes: Partial<JobConsumerDeps> = {}) =>
  createJobConsumer({
    url: proxy.url,
    pool,
    prefetch: 2,
    onDelivery: (delivery) => deliveries.push(delivery),
    logger: log.logger,
    ...changes,
  });
const send = (...jobIds: string[]) =>
  rabbit.sendAll(
    queue,
    jobIds.map((id) => JSON.stringify({ request_id: id })),
  );
const jobIds = () => deliveries.map(({ jobId }) => jobId);
const delivered = (count: number) =>
  waitUntil(() => deliveries.length >= count, {
    what: `${count} deliveries, there are ${deliveries.length}`,
  });
const readyIs = (count: number) =>
  waitUntil(async () => (await rabbit.queueCounts(queue))?.ready === count, { what: `${count} ready` });
const consumersAre = (count: number) =>
  waitUntil(async () => (await rabbit.queueCounts(queue))?.consumers === count, {
    what: `${count} consumers`,
  });

/** Acknowledges what was never delivered; the broker answers it with an error 406 on that channel. */
const provoke406 = (channel: number): void =>
  proxy.sayToServer(Buffer.from([1, 0, channel, 0, 0, 0, 13, 0, 60, 0, 80, 0, 0, 0, 0, 0, 9, 9, 9, 0, 0xce]));

beforeAll(async () => {
  rabbit = await createTestRabbit();
});
afterAll(async () => rabbit.close());
beforeEach(async () => {
  tests += 1;
  pool = `pool-${tests}`;
  queue = queueName(pool);
  deliveries = [];
  log = createRecordedLogger();
  proxy = await startTcpProxy(rabbit.amqpUrl);
  consumer = create();
  await consumer.start();
});
afterEach(async () => {
  await consumer.stop(never);
  await proxy.close();
});

test('holds as many as the prefetch says, and takes the next when one is acknowledged', async () => {
  await send('a', 'b', 'c');
  await delivered(2);
  await readyIs(1);
  deliveries[0]?.ack();
  await delivered(3);
  expect(jobIds()).toEqual(['a', 'b', 'c']);
  expect(deliveries.some(({ redelivered }) => redelivered)).toBe(false);
  expect(new Set(deliveries.map(({ nonce }) => nonce)).size).toBe(3);
});

test('gets a message again, marked as redelivered, when it gives it back', async () => {
  await send('a');
  await delivered(1);
  deliveries[0]?.requeue();
  await delivered(2);
  expect(deliveries[1]).toMatchObject({ jobId: 'a', redelivered: true });
});

test('does nothing when a delivery is answered twice', async () => {
  await send('a', 'b');
  await delivered(2);
  deliveries[0]?.ack();
  deliveries[0]?.ack();
  deliveries[0]?.requeue();
  await send('c');
  await delivered(3);
  expect(jobIds()).toEqual(['a', 'b', 'c']);
  expect(log.linesOf('channel ended')).toHaveLength(0);
});

test('sets a malformed message aside at once and says why, on the log and with the message', async () => {
  const bad = ['{"request_id":7}', 'hello', '{"version":2,"request_id":"a"}'];
  await rabbit.sendAll(queue, bad);
  await send('good');
  await delivered(1);
  expect(jobIds()).toEqual(['good']);
  await waitUntil(async () => (await rabbit.queueCounts(deadLetterQueueName(pool)))?.ready === bad.length, {
    what: 'dead letters',
  });
  const expected = new Map([
    [bad[0], 'wrong_schema'],
    [bad[1], 'not_json'],
    [bad[2], 'unknown_version'],
  ]);
  expect(log.linesOf('message set aside').map((line) => line['reason'])).toEqual([...expected.values()]);
  for (const _ of bad) {
    const letter = await rabbit.take(deadLetterQueueName(pool));
    expect(letter?.properties.headers).toMatchObject({
      'x-factorial-reason': expected.get(letter?.content.toString() ?? ''),
      'x-factorial-detail': expect.any(String),
      'x-factorial-died-at': expect.any(Number),
    });
  }
});

test('sets a malformed message aside once, whatever other queues its headers name', async () => {
  const elsewhere = queueName(`${pool}-other`);
  await rabbit.declareClassicQueue(elsewhere);
  const told = { traceparent: '00-1-2-01', 'x-first-death-reason': 'rejected' };
  await rabbit.sendAll(queue, ['poison'], { CC: [elsewhere, queue], sender: 'me', ...told });
  await rabbit.sendAll(queue, ['poison'], { BCC: [elsewhere], ...told });
  const dead = deadLetterQueueName(pool);
  await waitUntil(async () => (await rabbit.queueCounts(dead))?.ready === 2, { what: 'both are set aside' });
  await send('good');
  await delivered(1);
  expect(log.linesOf('message set aside')).toHaveLength(2);
  // Those that their sender has put there, and none of ours.
  expect(await rabbit.queueCounts(elsewhere)).toMatchObject({ ready: 2 });
  for (let at = 0; at < 2; at += 1) {
    const headers = (await rabbit.take(dead))?.properties.headers;
    expect(headers).toMatchObject(told);
    expect(headers).not.toHaveProperty('CC');
    expect(headers).not.toHaveProperty('sender');
  }
});

test('consumes again when its channel alone dies, 5 times in a row', async () => {
  for (let round = 1; round <= 5; round += 1) {
    await waitUntil(() => consumer.consuming(), { what: 'consuming' });
    provoke406(1);
    await waitUntil(() => log.linesOf('channel ended').length === round, { what: 'the channel ended' });
    await waitUntil(() => consumer.consuming(), { what: 'consuming again', timeoutMs: 5_000 });
  }
  await send('a');
  await delivered(1);
  expect(proxy.links()).toBe(1);
});

test('consumes again when its queue is deleted, 5 times in a row', async () => {
  for (let round = 1; round <= 5; round += 1) {
    await waitUntil(() => consumer.consuming(), { what: 'consuming' });
    await rabbit.deleteQueue(queue);
    await waitUntil(() => log.linesOf('channel ended').length === round, { what: 'the channel ended' });
    await waitUntil(() => consumer.consuming(), { what: 'consuming again', timeoutMs: 5_000 });
  }
  await send('a');
  await delivered(1);
  expect(log.linesOf('channel ended')[0]).toMatchObject({ reason: 'consumer cancelled by the broker' });
});

test('consumes again when the broker closes the connection, and old answers do nothing', async () => {
  await send('a');
  await delivered(1);
  await rabbit.closeAllConnections();
  await delivered(2);
  expect(deliveries[1]).toMatchObject({ jobId: 'a', redelivered: true });
  deliveries[0]?.ack();
  deliveries[1]?.ack();
  await send('b');
  await delivered(3);
  expect(jobIds()).toEqual(['a', 'a', 'b']);
  expect(log.linesOf('channel ended').length).toBeLessThanOrEqual(1);
});

test('does not throw when a delivery is answered while its channel is being closed', async () => {
  await send('a');
  await delivered(1);
  const stopping = consumer.stop(never);
  expect(() => deliveries[0]?.ack()).not.toThrow();
  await stopping;
  expect(() => deliveries[0]?.requeue()).not.toThrow();
});

test('gives back what it holds when it stops', async () => {
  await send('a', 'b');
  await delivered(2);
  await consumer.stop(never);
  await readyIs(2);
  expect(consumer.consuming()).toBe(false);
});

test('takes nothing more when quiet, and what it holds can be acknowledged', async () => {
  await send('a', 'b', 'c');
  await delivered(2);
  await consumer.quiet();
  expect(consumer.consuming()).toBe(false);
  deliveries.forEach((delivery) => delivery.ack());
  await consumersAre(0);
  await consumer.stop(never);
  await readyIs(1);
  expect(jobIds()).toEqual(['a', 'b']);
});

test('takes more after it resumes, while what it held before can still be acknowledged', async () => {
  await send('a', 'b', 'c');
  await delivered(2);
  await consumer.quiet();
  await consumer.resume();
  expect(consumer.consuming()).toBe(true);
  await delivered(3);
  deliveries.forEach((delivery) => delivery.ack());
  await consumersAre(1);
  await consumer.stop(never);
  await readyIs(0);
  expect(jobIds()).toEqual(['a', 'b', 'c']);
});

test('does what it was told last when it is told to be quiet and to resume at once, 20 times', async () => {
  const told = Array.from({ length: 20 }, async () => [consumer.quiet(), consumer.resume()]);
  await Promise.all((await Promise.all(told)).flat());
  expect(consumer.consuming()).toBe(true);
  await consumersAre(1);
  await send('a');
  await delivered(1);
});

test('consumes on the connection there is by then when it resumes after another was lost', async () => {
  await consumer.quiet();
  await rabbit.closeAllConnections();
  await waitUntil(() => log.linesOf('amqp connected').length === 2, { what: 'connected again' });
  await send('a');
  await consumer.resume();
  await delivered(1);
  expect(consumer.consuming()).toBe(true);
});

test('consumes once the broker is back when it resumes without one', async () => {
  await consumer.quiet();
  await proxy.down();
  await waitUntil(() => !consumer.connected(), { what: 'not connected' });
  await consumer.resume();
  expect(consumer.consuming()).toBe(false);
  await proxy.up();
  await waitUntil(() => consumer.consuming(), { what: 'consuming', timeoutMs: 10_000 });
});

test('stays quiet when the connection is lost after quiet', async () => {
  await consumer.quiet();
  await rabbit.closeAllConnections();
  await send('a');
  await consumersAre(0);
  await waitUntil(() => log.linesOf('amqp connected').length === 2, { what: 'connected again' });
  await consumersAre(0);
  expect(deliveries).toHaveLength(0);
});

test('is quiet at once when it is told so while it starts', async () => {
  const other = create({ pool: `${pool}-other` });
  const starting = other.start();
  await other.quiet();
  await starting;
  expect(other.consuming()).toBe(false);
  await other.stop(never);
});

test('says since when it has been consuming, and since when not', async () => {
  const clock = createFakeClock(1_000);
  const other = create({ clock });
  expect([other.consuming(), other.since()]).toEqual([false, 1_000]);
  clock.advance(500);
  await other.start();
  expect([other.consuming(), other.since()]).toEqual([true, 1_500]);
  clock.advance(500);
  await other.setPrefetch(7);
  expect([other.consuming(), other.since()]).toEqual([true, 1_500]);
  await proxy.down();
  await waitUntil(() => !other.consuming(), { what: 'not consuming' });
  expect(other.since()).toBe(2_000);
  await other.stop(never);
});

describe('as a service', () => {
  describeServiceContract({ create, withinMs: 1_000 });
});
