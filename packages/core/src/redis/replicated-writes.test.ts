import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../ops/logger.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { type RespReply, type RespServer, startRespServer } from '../testing/resp-server.ts';
import { connectRedis, createRedisClient } from './redis-client.ts';
import {
  createReplicatedWrites,
  mostWaiting,
  type ReplicatedWrites,
  type ReplicationSettings,
} from './replicated-writes.ts';
import { storeDeadlineMs } from './store-error.ts';

const unavailable = { code: 'store-unavailable', options: { retryAfterSeconds: 2 } };
const settings: ReplicationSettings = { replicas: 1, confirm: 'received', timeoutMs: 100 };

let server: RespServer;
let redis: Redis;
let clock: FakeClock;
let executed: string[];
/** What it does waits until this is over, as on a Redis that hangs. */
let pause: Promise<void>;
let replies: Record<string, RespReply>;

beforeEach(async () => {
  executed = [];
  pause = Promise.resolve();
  replies = { evalsha: ['ok'], eval: 1, ping: 'PONG', wait: 1 };
  clock = createFakeClock();
  server = await startRespServer(async (command, args) => {
    await pause;
    if (command === 'evalsha') executed.push(args.at(-1) ?? '');
    return replies[command];
  });
});
afterEach(async () => {
  redis.disconnect();
  await server.close();
});

const createWrites = async (changes: Partial<ReplicationSettings>, commandTimeoutMs = 10_000) => {
  const url = `redis://127.0.0.1:${server.port}`;
  redis = createRedisClient({ url, logger: createLogger('test', 'silent'), resend: false, commandTimeoutMs });
  await connectRedis(redis);
  const deps = { redis, fenceKey: 'fence', clock, onUnconfirmed: () => undefined };
  return createReplicatedWrites({ ...deps, ...settings, ...changes });
};

const hang = (): (() => void) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  pause = promise;
  return resolve;
};

const nextTurn = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Sent at once, and nothing else is until it has its answer. */
const writeAlone = async (writes: ReplicatedWrites, name: string) => {
  const answer = writes.evalsha('digest', 1, name);
  await nextTurn();
  return { answer };
};

const outcome = async (answer: Promise<unknown>): Promise<unknown> =>
  answer.catch((thrown: unknown) => thrown);

describe('while Redis hangs, a write', () => {
  test('whose asker was told 503 before its turn came is never done', async () => {
    const writes = await createWrites({});
    const wake = hang();
    const first = await writeAlone(writes, 'first');
    const late = ['late', 'later'].map(async (name) => outcome(writes.evalsha('digest', 1, name)));
    clock.advance(storeDeadlineMs);
    const last = writes.evalsha('digest', 1, 'last');
    wake();
    expect(await Promise.all([first.answer, last])).toEqual([['ok'], ['ok']]);
    expect(await Promise.all(late)).toMatchObject([unavailable, unavailable]);
    expect(executed).toEqual(['first', 'last']);
  });

  test('beyond those that may wait is refused at once, and all others are done', async () => {
    const writes = await createWrites({});
    const wake = hang();
    const first = await writeAlone(writes, 'first');
    const waiting = Array.from({ length: mostWaiting }, async () => writes.evalsha('digest', 1, 'x'));
    await expect(writes.evalsha('digest', 1, 'beyond')).rejects.toMatchObject(unavailable);
    wake();
    await Promise.all([first.answer, ...waiting]);
    expect(executed).toHaveLength(1 + mostWaiting);
    expect(executed).not.toContain('beyond');
  });

  test('is not sent after one that had no answer, until Redis answers', async () => {
    const writes = await createWrites({}, 300);
    const wake = hang();
    await expect(writes.evalsha('digest', 1, 'first')).rejects.toThrow('timed out');
    const second = outcome(writes.evalsha('digest', 1, 'second'));
    clock.advance(storeDeadlineMs);
    expect(await second).toMatchObject(unavailable);
    wake();
    expect(await writes.evalsha('digest', 1, 'third')).toEqual(['ok']);
    expect(executed).toEqual(['first', 'third']);
  });
});

const notConfirmed = { message: expect.stringContaining('NOREPLICAS') };

test.each([
  { reply: [1, 1], is: 'is confirmed when both have it', expected: ['ok'] },
  { reply: [0, 1], is: 'is not confirmed when the primary has not', expected: notConfirmed },
  { reply: [1, 0], is: 'is not confirmed when the replica has not', expected: notConfirmed },
])('a write that has to be on disk $is', async ({ reply, expected }) => {
  const writes = await createWrites({ confirm: 'synced' });
  replies['waitaof'] = reply;
  expect(await outcome(writes.evalsha('digest', 1, 'x'))).toMatchObject(expected);
});
