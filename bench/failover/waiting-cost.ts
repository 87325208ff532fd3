/** What it costs that a replica has to confirm: jobs accepted a second, with and without, in turn on one and the same Redis. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScriptRunner, type RunScript } from '@factorial/core/jobs/job-scripts';
import { createRedisJobIntake } from '@factorial/core/jobs/redis-job-intake';
import { defaultStoreSettings } from '@factorial/core/jobs/store-settings';
import { createLogger } from '@factorial/core/ops/logger';
import { createKeys } from '@factorial/core/redis/keys';
import { connectRedis, createRedisClient } from '@factorial/core/redis/redis-client';
import { createReplicatedWrites } from '@factorial/core/redis/replicated-writes';
import { newJob } from '@factorial/core/testing/test-job-store';
import { systemClock } from '@factorial/core/time/clock';
import { startRedisSet } from '../../dev/brokers/start-redis-set.ts';
import { percentile } from '../percentile.ts';

export interface WaitingCost {
  waitReplicas: number;
  acceptsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const rounds = 5;
const roundMs = 2_000;
const atATime = 32;
/** No limit of a backlog ends a round. */
const settings = {
  ...defaultStoreSettings,
  maxPending: 10_000_000,
  maxPendingPerOwner: 10_000_000,
  maxBytes: 10 ** 12,
};
const keys = createKeys('waiting-cost');

/** @returns how long each acceptance took, ms. */
const acceptFor = async (deps: Parameters<typeof createRedisJobIntake>[0]): Promise<number[]> => {
  const intake = createRedisJobIntake(deps);
  const tookMs: number[] = [];
  const untilMs = performance.now() + roundMs;
  const run = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      const began = performance.now();
      await intake.accept(newJob());
      tookMs.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: atATime }, run));
  return tookMs;
};

const describe = (waitReplicas: number, tookMs: readonly number[]): WaitingCost => ({
  waitReplicas,
  acceptsPerSecond: (tookMs.length * 1_000) / (rounds * roundMs),
  p50Ms: percentile(tookMs, 0.5),
  p99Ms: percentile(tookMs, 0.99),
});

export const measureWaitingCost = async (): Promise<WaitingCost[]> => {
  const dir = await mkdtemp(join(tmpdir(), 'factorial-waiting-'));
  const set = await startRedisSet(dir);
  const logger = createLogger('bench', 'silent');
  const redis = createRedisClient({ url: set.url(), logger });
  const waiting = createRedisClient({ url: set.url(), logger, resend: false });
  const confirming = { redis: waiting, fenceKey: keys.replicationFence, replicas: 1, timeoutMs: 500 };
  const writes = createReplicatedWrites({
    ...confirming,
    clock: systemClock,
    confirm: 'received',
    onUnconfirmed: () => undefined,
  });
  const runs: RunScript[] = [createScriptRunner(redis, keys), createScriptRunner(writes, keys)];
  const tookMs: number[][] = [[], []];
  try {
    await Promise.all([connectRedis(redis), connectRedis(waiting)]);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, run] of runs.entries()) {
        tookMs[index]?.push(...(await acceptFor({ redis, keys, settings, run })));
      }
    }
  } finally {
    redis.disconnect();
    waiting.disconnect();
    await set.kill();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
  return tookMs.map((took, waitReplicas) => describe(waitReplicas, took));
};
