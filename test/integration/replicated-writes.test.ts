import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScriptRunner } from '@factorial/core/jobs/job-scripts';
import { createRedisDeadLetters } from '@factorial/core/jobs/redis-dead-letters';
import { createRedisJobIntake } from '@factorial/core/jobs/redis-job-intake';
import { createRedisJobLeases } from '@factorial/core/jobs/redis-job-leases';
import { defaultStoreSettings } from '@factorial/core/jobs/store-settings';
import { createLogger } from '@factorial/core/ops/logger';
import { readDeadLetter } from '@factorial/core/queue/dead-letter';
import { createKeys } from '@factorial/core/redis/keys';
import { connectRedis, createRedisClient } from '@factorial/core/redis/redis-client';
import {
  createReplicatedRunner,
  createReplicatedWrites,
  type ReplicationSettings,
} from '@factorial/core/redis/replicated-writes';
import { newJob, textOutput } from '@factorial/core/testing/test-job-store';
import { systemClock } from '@factorial/core/time/clock';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { createPoolPauses } from '@factorial/core/workers/pool-pauses';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RedisSet, replicaUser, startRedisSet } from '../../dev/brokers/start-redis-set.ts';

const keys = createKeys('replicated');
const logger = createLogger('test', 'silent');
let dir: string;
let set: RedisSet;
let redis: Redis;
let waiting: Redis;
let withheld: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factorial-replicated-'));
  set = await startRedisSet(dir);
  redis = createRedisClient({ url: set.url(), logger });
  waiting = createRedisClient({ url: set.url(), logger, resend: false });
  await Promise.all([connectRedis(redis), connectRedis(waiting)]);
});
afterAll(async () => {
  redis.disconnect();
  waiting.disconnect();
  await set.kill();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});
beforeEach(() => {
  withheld = 0;
});

const createWrites = (changes: Partial<ReplicationSettings> = {}) =>
  createReplicatedWrites({
    redis: waiting,
    fenceKey: keys.replicationFence,
    clock: systemClock,
    replicas: 1,
    confirm: 'received',
    timeoutMs: 200,
    onUnconfirmed: (count) => {
      withheld += count;
    },
    ...changes,
  });

const createStore = (changes: Partial<ReplicationSettings> = {}) => {
  const plain = createScriptRunner(redis, keys);
  const writes = createWrites(changes);
  const run = createReplicatedRunner(plain, createScriptRunner(writes, keys), () => writes.admits());
  const deps = { redis, keys, run, settings: defaultStoreSettings };
  return {
    intake: createRedisJobIntake(deps),
    leases: createRedisJobLeases(deps),
    letters: createRedisDeadLetters(deps),
    pauses: createPoolPauses(deps),
  };
};

const claimed = async ({ leases }: ReturnType<typeof createStore>, id: string) => {
  const claim = { id, pool: 'factorial', worker: 'w1', nonce: id, redelivered: false };
  const answer = await leases.claim(claim);
  if (answer.kind !== 'ok') throw new Error(`not claimed: ${answer.kind}`);
  return { id, attempt: answer.attempt, token: answer.token };
};

const waitCalls = async (): Promise<number> => {
  const stats = String(await set.nodes[0].call('INFO', 'commandstats'));
  return Number(/cmdstat_wait:calls=(\d+)/.exec(stats)?.[1] ?? 0);
};

const unavailable = { code: 'store-unavailable', options: { retryAfterSeconds: 2 } };

describe('a write that a replica has to confirm', () => {
  test('is answered when it has, many with one wait', async () => {
    const { intake } = createStore();
    const before = await waitCalls();
    const outcomes = await Promise.all(Array.from({ length: 100 }, async () => intake.accept(newJob())));
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(100);
    expect(await waitCalls()).toBeLessThan(before + 10);
    expect(withheld).toBe(0);
  });

  test('is answered with store-unavailable when too few have, and again when it is repeated', async () => {
    const { intake } = createStore({ replicas: 2 });
    const job = newJob({ idempotency: { key: 'k', fingerprint: 'f' } });
    await expect(intake.accept(job)).rejects.toMatchObject(unavailable);
    // SAME wrote nothing, and yet is told only when what it tells of is confirmed; by another api, too.
    const other = createStore({ replicas: 2 });
    await expect(
      other.intake.accept(newJob({ idempotency: { key: 'k', fingerprint: 'f' } })),
    ).rejects.toMatchObject(unavailable);
    await expect(intake.recall('ann', { key: 'k', fingerprint: 'f' })).rejects.toMatchObject(unavailable);
    expect(withheld).toBe(3);
    expect(await createStore().intake.accept(job)).toEqual({ kind: 'same', id: job.id });
  });

  test('is not even made when one before it was not confirmed: a client that comes again makes no job more', async () => {
    const { intake } = createStore({ replicas: 2 });
    const before = await redis.zcard(keys.due);
    for (let times = 0; times < 5; times += 1)
      await expect(intake.accept(newJob())).rejects.toMatchObject(unavailable);
    expect(await redis.zcard(keys.due)).toBe(before + 1);
  });

  test('of a result is repeated until it is confirmed', async () => {
    const store = createStore();
    const job = newJob();
    await store.intake.accept(job);
    const attempt = await claimed(store, job.id);
    const strict = createStore({ replicas: 2 });
    await expect(strict.leases.complete(attempt, textOutput('x'))).rejects.toMatchObject(unavailable);
    await expect(strict.leases.complete(attempt, textOutput('x'))).rejects.toMatchObject(unavailable);
    expect(await store.leases.complete(attempt, textOutput('x'))).toBe('same');
  });

  test('of dead letters lets the broker keep them until it is confirmed, and leaves no second ones', async () => {
    const { letters } = createStore({ replicas: 2 });
    const letter = readDeadLetter({ content: Buffer.from('hello'), properties: {} });
    await expect(letters.keep('factorial', [letter], 1)).rejects.toMatchObject(unavailable);
    await expect(letters.keep('factorial', [], 1)).rejects.toMatchObject(unavailable);
    expect([withheld, await letters.count()]).toEqual([2, 0]);
    expect(await createStore().letters.keep('factorial', [letter], 1)).toBe('kept');
    expect(await letters.count()).toBe(1);
  });

  test('of a pause is told when it is confirmed, and again when it is repeated', async () => {
    const { pauses } = createStore({ replicas: 2 });
    await expect(pauses.pause('factorial')).rejects.toMatchObject(unavailable);
    await expect(pauses.resume('factorial')).rejects.toMatchObject(unavailable);
    expect(withheld).toBe(2);
    await createStore().pauses.resume('factorial');
  });

  test('holds up nobody who reads, beats or claims', async () => {
    const store = createStore({ replicas: 2, timeoutMs: 800 });
    const accepting = store.intake.accept(newJob()).catch((thrown: unknown) => thrown);
    const began = performance.now();
    expect((await store.intake.find('none')).kind).toBe('none');
    expect(performance.now() - began).toBeLessThan(500);
    expect(await accepting).toMatchObject(unavailable);
  });

  test('is refused before it is written when Redis itself insists on replicas that are away', async () => {
    const primary = set.nodes[0];
    const { intake } = createStore();
    const job = newJob();
    await primary.call('CONFIG', 'SET', 'min-replicas-to-write', 2);
    await expect(intake.accept(job)).rejects.toMatchObject(unavailable);
    await primary.call('CONFIG', 'SET', 'min-replicas-to-write', 0);
    expect((await intake.find(job.id)).kind).toBe('none');
  });

  test('is not confirmed while the replica is cut off, and is again when it is back', async () => {
    const { intake } = createStore();
    const [primary, replica] = set.nodes;
    await primary.shutOut(replicaUser);
    await expect(intake.accept(newJob())).rejects.toMatchObject(unavailable);
    await primary.letIn(replicaUser);
    await replica.call('REPLICAOF', '127.0.0.1', primary.port());
    await set.waitUntilWhole();
    // It finds out by the next submission that it lets through.
    const isAccepted = async () => (await intake.accept(newJob())).kind === 'accepted';
    await waitUntil(async () => isAccepted().catch(() => false), { what: 'it is accepted again' });
  });
});

describe('a Redis that is asked to confirm what is on disk', () => {
  test('says so when it can, and what is missing when it is older than 7.2', async () => {
    const [, major = '0', minor = '0'] =
      /redis_version:(\d+)\.(\d+)/.exec(String(await set.nodes[0].call('INFO', 'server'))) ?? [];
    const canSync = Number(major) > 7 || (Number(major) === 7 && Number(minor) >= 2);
    const writes = createWrites({ confirm: 'synced' });
    const { intake } = createStore({ confirm: 'synced' });
    expect(await createWrites().probe()).toBe(true);
    const told = async (answer: Promise<unknown>): Promise<string> =>
      answer.then(
        () => 'confirmed',
        (thrown: unknown) => String(thrown),
      );
    const answers = [await told(writes.probe()), await told(intake.accept(newJob()))];
    const expected = canSync ? /^confirmed$/ : /unknown command 'waitaof'/i;
    expect(answers).toEqual([expect.stringMatching(expected), expect.stringMatching(expected)]);
  });
});
