import { createRecordedLogger, type RecordedLogger } from '@factorial/core/testing/recorded-logger';
import { describeServiceContract } from '@factorial/core/testing/service-stress';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import { systemClock } from '@factorial/core/time/clock';
import { createPoolHistory, historyStepMs, type PoolHistory } from '@factorial/core/workers/pool-history';
import { createScalerStatements } from '@factorial/core/workers/scaler-statements';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PoolReading } from './pool-readings.ts';
import { createPoolSampler, type PoolSampler, type PoolSamplerDeps } from './pool-sampler.ts';

let redis: TestRedis;
let history: PoolHistory;
let log: RecordedLogger;
let nowMs: number;

const worker = (state: 'active' | 'draining', jobs: number): PoolReading['workers'][number] => ({
  id: `${state}-${jobs}`,
  pool: 'p',
  slots: 1,
  state,
  startedAt: 1,
  coldStartMs: 0,
  held: 0,
  jobs: Array.from({ length: jobs }, () => ({ id: 'j', attempt: 1, token: 't', runningMs: 1 })),
});
const reading: PoolReading = {
  statistics: {
    accepted: 0,
    claimed: 0,
    done: 0,
    failed: 0,
    cancelled: 0,
    requeued: 0,
    retried: 0,
    released: 0,
    waiting: 9,
    oldestWaitMs: 0,
  },
  workers: [worker('active', 1), worker('active', 0), worker('draining', 1)],
  slots: 2,
  busy: 2,
  serviceMs: undefined,
  paused: false,
};

const create = (changes: Partial<PoolSamplerDeps> = {}): PoolSampler =>
  createPoolSampler({
    pools: async () => Promise.resolve(['p', 'q']),
    readPool: async () => Promise.resolve(reading),
    scalers: createScalerStatements(redis.redis, redis.keys),
    history,
    redisNowMs: async () => Promise.resolve(nowMs),
    clock: systemClock,
    logger: log.logger,
    random: () => 0,
    ...changes,
  });

beforeAll(async () => {
  redis = await createTestRedis();
  history = createPoolHistory(redis.redis, redis.keys);
});
beforeEach(async () => {
  const names = await redis.keyNames();
  if (names.length > 0) await redis.redis.unlink(names);
  log = createRecordedLogger();
  nowMs = Date.UTC(2030, 0, 1) + 1_234;
});
afterAll(async () => redis.close());

describe('the sampler', () => {
  it('writes what waits, runs and works, and what the scaler says', async () => {
    await createScalerStatements(redis.redis, redis.keys).tell('p', {
      decision: 'scale',
      reason: 'backlog',
      replicas: 4,
    });
    expect(await create().runOnce()).toBe(2);
    const counts = { waiting: 9, processing: 2, busy: 1, idle: 1, draining: 1 };
    const atMs = Date.UTC(2030, 0, 1);
    expect(await history.read('p')).toEqual([
      { ...counts, atMs, replicas: 4, scaler: { decision: 'scale', reason: 'backlog', replicas: 4 } },
    ]);
    expect(await history.read('q')).toMatchObject([
      { ...counts, scaler: { decision: 'hold', reason: 'silent: no scaler has spoken within 15 s' } },
    ]);
  });

  it('leaves one sample a step when several replicas run it', async () => {
    const replicas = [create(), create(), create()];
    for (let step = 0; step < 5; step += 1) {
      const written = await Promise.all(replicas.map(async (replica) => replica.runOnce()));
      expect(written.reduce((total, count) => total + count, 0)).toBe(2);
      expect(await create().runOnce()).toBe(0);
      nowMs += historyStepMs;
    }
    const times = (await history.read('p')).map(({ atMs }) => atMs);
    expect(times).toHaveLength(5);
    expect(new Set(times).size).toBe(5);
  });

  it('samples the other pools when one cannot be read', async () => {
    const readPool = async (pool: string) =>
      pool === 'p' ? Promise.reject(new Error('away')) : Promise.resolve(reading);
    await expect(create({ readPool }).runOnce()).rejects.toThrow('away');
    await expect.poll(async () => (await history.read('q')).length).toBe(1);
  });
});

describe('the service', () => {
  describeServiceContract({ create });

  it('samples by itself, tells of an outage once, and goes on after it', async () => {
    let calls = 0;
    const away = async (): Promise<number> => {
      calls += 1;
      if (calls < 4) throw new Error('away');
      return Promise.resolve(nowMs);
    };
    const sampler = create({ redisNowMs: away, stepMs: 20 });
    await sampler.start();
    await expect.poll(async () => (await history.read('p')).length).toBe(1);
    await sampler.stop(AbortSignal.timeout(1_000));
    expect(log.linesOf('pools could not be sampled')).toHaveLength(1);
  });
});
