import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Service } from '../lifecycle/service.ts';
import { createManagementApi } from '../testing/management-api.ts';
import { createRecordedLogger } from '../testing/recorded-logger.ts';
import { describeServiceContract } from '../testing/service-stress.ts';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts';
import { createTestRabbit, type TestRabbit } from '../testing/test-rabbit.ts';
import { waitUntil } from '../testing/wait-until.ts';
import type { JobHint, JobPublisher } from './job-queue.ts';
import { createJobPublisher, type JobPublisherDeps } from './job-publisher.ts';
import { queueName } from './topology.ts';

const never = new AbortController().signal;
const { logger } = createRecordedLogger();

let rabbit: TestRabbit;
let proxy: TcpProxy;
let publisher: JobPublisher & Service;
/** Each test has a queue of its own. */
let pool: string;
let tests = 0;

const create = (changes: Partial<JobPublisherDeps> = {}) =>
  createJobPublisher({ url: proxy.url, logger, ...changes });
const hint = (jobId: string): JobHint => ({ jobId, pool, publication: 1, input: { n: 10 } });
const readyCount = async () => (await rabbit.queueCounts(queueName(pool)))?.ready;
const publishMany = (count: number) =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => publisher.publish(hint(`job-${index}`))));

beforeAll(async () => {
  rabbit = await createTestRabbit();
});
afterAll(async () => rabbit.close());
beforeEach(async () => {
  tests += 1;
  pool = `pool-${tests}`;
  proxy = await startTcpProxy(rabbit.amqpUrl);
  publisher = create();
  await publisher.start();
});
afterEach(async () => {
  await publisher.stop(never);
  await proxy.close();
});

test('has the message in the queue when publish resolves', async () => {
  await publisher.publish({ ...hint('job-1'), traceparent: '00-1-2-01' });
  const message = await rabbit.take(queueName(pool));
  expect(message?.content.toString()).toBe('{"request_id":"job-1","input":{"n":10}}');
  expect(message?.properties).toMatchObject({
    messageId: 'job-1:1',
    deliveryMode: 2,
    headers: { traceparent: '00-1-2-01' },
  });
});

test('publishes each of many at once, thousands a second', async () => {
  await publisher.publish(hint('first'));
  const started = performance.now();
  const outcomes = await publishMany(5_000);
  const seconds = (performance.now() - started) / 1_000;
  expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(await readyCount()).toBe(5_001);
  expect(5_000 / seconds).toBeGreaterThan(1_000);
});

test('counts the messages that nobody holds', async () => {
  await publishMany(3);
  expect(await publisher.messagesReady(pool)).toBe(3);
});

test('counts nothing when the queue does not exist, and goes on', async () => {
  expect(await publisher.messagesReady(pool)).toBe(0);
  expect(await publisher.messagesReady(pool)).toBe(0);
  await publisher.publish(hint('job-1'));
  expect(await publisher.messagesReady(pool)).toBe(1);
});

test('counts each pool’s messages when the queue of another does not exist', async () => {
  await publishMany(3);
  const pools = [pool, `${pool}-none`, pool, `${pool}-nor-this`, pool];
  const counts = await Promise.all(pools.map(async (name) => publisher.messagesReady(name)));
  expect(counts).toEqual([3, 0, 3, 0, 3]);
});

test('fails the publish and declares the queue anew when it was deleted', async () => {
  await publisher.publish(hint('job-1'));
  await rabbit.deleteQueue(queueName(pool));
  await expect(publisher.publish(hint('job-2'))).rejects.toThrow('no queue for the message');
  await publisher.publish(hint('job-3'));
  expect(await readyCount()).toBe(1);
});

test('fails exactly those that came back when the queue is deleted under load', async () => {
  await publisher.publish(hint('first'));
  const before = publishMany(500);
  await rabbit.deleteQueue(queueName(pool));
  const outcomes = [...(await before), ...(await publishMany(500))];
  expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
  await publisher.publish(hint('last'));
  const published = outcomes.filter(({ status }) => status === 'fulfilled').length;
  expect(await readyCount()).toBeLessThanOrEqual(published + 2);
  expect(publisher.health()).toEqual({ ok: true });
});

test('rejects, and tells no lie about other pools, when the queue exists with other arguments', async () => {
  const other = create({ url: rabbit.amqpUrl });
  await other.start();
  await rabbit.declareClassicQueue(queueName(pool));
  await expect(other.publish(hint('job-1'))).rejects.toThrow('could not be declared');
  await other.publish({ ...hint('job-1'), pool: `${pool}-good` });
  expect(other.health()).toEqual({ ok: true });
  await other.stop(never);
});

test('rejects after the deadline when the broker does not confirm', async () => {
  await publisher.stop(never);
  publisher = create({ confirmTimeoutMs: 200, maxOutstanding: 5 });
  await publisher.start();
  await publisher.publish(hint('first'));
  proxy.freeze();
  const outcomes = await publishMany(5);
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && String(outcome.reason))).toEqual(
    Array.from({ length: 5 }, () => 'AppError: the broker did not confirm within 200 ms'),
  );
  // They are on their way still, and count until the broker answers.
  expect(publisher.health()).toEqual({ ok: false, reason: 'overloaded' });
  await expect(publisher.publish(hint('one too many'))).rejects.toThrow('too many messages wait');
  proxy.thaw();
  await waitUntil(() => publisher.health().ok, { what: 'the broker has answered' });
  expect(await readyCount()).toBe(6);
});

test('rejects all that wait at once when the connection is lost', async () => {
  await publisher.publish(hint('first'));
  proxy.freeze();
  const waiting = publishMany(100);
  const started = performance.now();
  proxy.cut();
  const outcomes = await waiting;
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(publisher.health()).toEqual({ ok: false, reason: 'disconnected' });
  await expect(publisher.publish(hint('job-1'))).rejects.toThrow('no connection');
  await expect(publisher.messagesReady(pool)).rejects.toThrow('does not tell');
  proxy.thaw();
  await waitUntil(() => publisher.health().ok, { what: 'connected again' });
  await publisher.publish(hint('job-2'));
  expect(await publisher.messagesReady(pool)).toBe(2);
});

test('gives up asking within the limit when the broker does not answer', async () => {
  await publisher.publish(hint('first'));
  proxy.freeze();
  const started = performance.now();
  await expect(publisher.messagesReady(pool)).rejects.toThrow('does not tell');
  expect(performance.now() - started).toBeLessThan(2_500);
  proxy.thaw();
  expect(await publisher.messagesReady(pool)).toBe(1);
});

test('opens its channel anew when the channel alone dies', async () => {
  await publisher.publish(hint('first'));
  // An acknowledgement of a message that was never delivered: the broker answers it with an error 406 on the channel.
  const ack = [1, 0, 1, 0, 0, 0, 13, 0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0xce];
  proxy.sayToServer(Buffer.from(ack));
  await waitUntil(() => !publisher.health().ok, { what: 'the channel is lost', pollMs: 1 });
  await waitUntil(() => publisher.health().ok, { what: 'there is a channel again' });
  await publisher.publish(hint('job-2'));
  expect(await readyCount()).toBe(2);
});

test('takes nothing while the broker blocks', async () => {
  const blocked = Buffer.concat([
    Buffer.from([1, 0, 0, 0, 0, 0, 11, 0, 10, 0, 60, 6]),
    Buffer.from('memory'),
    Buffer.from([0xce]),
  ]);
  proxy.sayToClients(blocked);
  await waitUntil(() => !publisher.health().ok, { what: 'blocked' });
  expect(publisher.health()).toEqual({ ok: false, reason: 'blocked' });
  await expect(publisher.publish(hint('job-1'))).rejects.toThrow('takes no messages');
});

test('is full for a pool whose queue refuses messages, and for no other, until it takes one', async () => {
  await publisher.publish(hint('first'));
  const management = createManagementApi(rabbit.managementUrl);
  await management.put(`policies/${rabbit.vhost}/limit`, {
    pattern: `^${queueName(pool)}$`,
    definition: { 'max-length': 1 },
    'apply-to': 'queues',
  });
  await waitUntil(async () => (await publishMany(3)).some(({ status }) => status === 'rejected'), {
    what: 'the limit is kept',
  });
  await waitUntil(() => !publisher.health(pool).ok, { what: 'the queue is known to be full' });
  expect(publisher.health(pool)).toEqual({ ok: false, reason: 'full' });
  expect(publisher.health(`${pool}-other`)).toEqual({ ok: true });
  expect(publisher.health()).toEqual({ ok: true });
  while ((await rabbit.take(queueName(pool))) !== undefined);
  const isTaken = async (): Promise<boolean> =>
    (await publishMany(1)).every(({ status }) => status === 'fulfilled');
  await waitUntil(isTaken, { what: 'it takes messages again' });
  expect(publisher.health(pool)).toEqual({ ok: true });
});

test('is disconnected before start and after stop', async () => {
  const fresh = create();
  expect(fresh.health()).toEqual({ ok: false, reason: 'disconnected' });
  await fresh.start();
  expect(fresh.health()).toEqual({ ok: true });
  await fresh.stop(never);
  expect(fresh.health()).toEqual({ ok: false, reason: 'disconnected' });
});

describe('as a service', () => {
  describeServiceContract({ create, withinMs: 1_000 });
});
