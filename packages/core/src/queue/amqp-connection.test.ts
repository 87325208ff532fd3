import type { ChannelModel } from 'amqplib';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { createRecordedLogger } from '../testing/recorded-logger.ts';
import { describeServiceContract } from '../testing/service-stress.ts';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts';
import { createTestRabbit, type TestRabbit } from '../testing/test-rabbit.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { type AmqpConnection, createAmqpConnection } from './amqp-connection.ts';

const never = new AbortController().signal;

/** A method frame on channel 0. */
const connectionFrame = (method: number, body: Buffer): Buffer => {
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 4 + body.length, 0, 10, 0, method]);
  return Buffer.concat([head, body, Buffer.from([0xce])]);
};
const blockedFrame = connectionFrame(60, Buffer.from('\u0006memory', 'latin1'));
const unblockedFrame = connectionFrame(61, Buffer.alloc(0));

let rabbit: TestRabbit;
let proxy: TcpProxy;
let amqp: AmqpConnection;
let connections: ChannelModel[];
const { logger } = createRecordedLogger();

beforeAll(async () => {
  rabbit = await createTestRabbit();
});
afterAll(async () => rabbit.close());

const create = (changes: Partial<Parameters<typeof createAmqpConnection>[0]> = {}): AmqpConnection => {
  const setup = async (connection: ChannelModel): Promise<void> => {
    await connection.createChannel();
    connections.push(connection);
  };
  return createAmqpConnection({ url: proxy.url, name: 'test', logger, setup, ...changes });
};

beforeEach(async () => {
  connections = [];
  proxy = await startTcpProxy(rabbit.amqpUrl);
  amqp = create();
});
afterEach(async () => {
  await amqp.stop(never);
  await proxy.close();
});

test('is connected and set up when start resolves', async () => {
  await amqp.start();
  expect(amqp.connected()).toBe(true);
  expect(connections).toHaveLength(1);
});

test('sets the next connection up when the network cuts this one', async () => {
  await amqp.start();
  proxy.cut();
  await waitUntil(() => connections.length === 2 && amqp.connected(), { what: 'connected again' });
  expect(connections[0]).not.toBe(connections[1]);
});

test('comes back when the broker closes the connection', async () => {
  await amqp.start();
  await rabbit.closeAllConnections();
  await waitUntil(() => connections.length === 2, { what: 'connected again' });
  expect(amqp.connected()).toBe(true);
});

test('goes to the next node when its own is away, and to the first again when that one is', async () => {
  const other = await startTcpProxy(rabbit.amqpUrl);
  amqp = create({ url: [proxy.url, other.url], random: () => 0 });
  await amqp.start();
  expect([proxy.links(), other.links()]).toEqual([1, 0]);
  await proxy.down();
  await waitUntil(() => amqp.connected() && other.links() === 1, { what: 'connected to the other node' });
  await proxy.up();
  await other.down();
  await waitUntil(() => amqp.connected() && proxy.links() === 1, { what: 'connected to the first again' });
  expect(connections).toHaveLength(3);
});

test('starts while the broker is away, and connects when it is there', async () => {
  await proxy.down();
  await amqp.start();
  expect(amqp.connected()).toBe(false);
  await proxy.up();
  await waitUntil(() => amqp.connected() && connections.length === 1, { what: 'connected' });
});

test('starts when the broker takes the connection and says nothing', async () => {
  proxy.freeze();
  amqp = create({ connectTimeoutMs: 200 });
  await amqp.start();
  expect(amqp.connected()).toBe(false);
  proxy.thaw();
  await waitUntil(() => amqp.connected(), { what: 'connected' });
});

test('comes back when the connection is lost while it is set up', async () => {
  let setups = 0;
  amqp = create({
    setup: async (connection) => {
      setups += 1;
      if (setups === 1) proxy.cut();
      await connection.createChannel().catch(() => undefined);
    },
  });
  await amqp.start();
  await waitUntil(() => amqp.connected(), { what: 'connected again' });
  expect(setups).toBe(2);
});

test('notices within 3 heartbeats when the network goes silent', async () => {
  amqp = create({ heartbeatSeconds: 1 });
  await amqp.start();
  proxy.freeze();
  await waitUntil(() => !amqp.connected(), { what: 'not connected', timeoutMs: 4_000 });
  proxy.thaw();
  await waitUntil(() => amqp.connected(), { what: 'connected again' });
  expect(connections).toHaveLength(2);
});

test('stops in time when the network has gone silent', async () => {
  await amqp.start();
  proxy.freeze();
  const started = performance.now();
  await amqp.stop(never);
  expect(performance.now() - started).toBeLessThan(3_000);
});

test('leaves no socket open and makes no other when stopped during a try to connect', async () => {
  proxy.freeze();
  const starting = amqp.start();
  await waitUntil(() => proxy.links() === 1, { what: 'a connection is being made' });
  await amqp.stop(never);
  await starting;
  proxy.thaw();
  await waitUntil(() => proxy.links() === 0, { what: 'no socket is open' });
  expect(connections).toHaveLength(0);
});

test('is blocked from the time the broker says so until it says otherwise', async () => {
  await amqp.start();
  proxy.sayToClients(blockedFrame);
  await waitUntil(() => amqp.blocked(), { what: 'blocked' });
  proxy.sayToClients(unblockedFrame);
  await waitUntil(() => !amqp.blocked(), { what: 'not blocked' });
  expect(amqp.connected()).toBe(true);
});

test('is not blocked any more when a blocked connection is replaced', async () => {
  await amqp.start();
  proxy.sayToClients(blockedFrame);
  await waitUntil(() => amqp.blocked(), { what: 'blocked' });
  proxy.cut();
  await waitUntil(() => connections.length === 2, { what: 'connected again' });
  expect(amqp.blocked()).toBe(false);
});

test('tries again later when the credentials are wrong', async () => {
  const url = new URL(proxy.url);
  url.password = 'wrong';
  amqp = create({ url: url.href });
  await amqp.start();
  expect(amqp.connected()).toBe(false);
});

describe('as a service', () => {
  describeServiceContract({ create, withinMs: 1_000 });
});
