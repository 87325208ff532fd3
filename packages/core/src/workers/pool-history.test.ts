import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';
import {
  createPoolHistory,
  historyKeptMs,
  historyStepMs,
  type NewPoolSample,
  type PoolHistory,
} from './pool-history.ts';

let redis: TestRedis;
let history: PoolHistory;
const beganMs = Date.UTC(2030, 0, 1, 12);

beforeAll(async () => {
  redis = await createTestRedis();
  history = createPoolHistory(redis.redis, redis.keys);
});
beforeEach(async () => {
  await redis.redis.del(redis.keys.poolHistory('p'));
});
afterAll(async () => redis.close());

const sample = (step: number, changes: Partial<NewPoolSample> = {}): NewPoolSample => ({
  atMs: beganMs + step * historyStepMs,
  waiting: 7,
  processing: 2,
  busy: 2,
  idle: 1,
  draining: 0,
  scaler: { decision: 'scale', reason: 'steady', replicas: 3 },
  ...changes,
});

describe("a pool's history", () => {
  it('gives back what was recorded, oldest first', async () => {
    const hold = { decision: 'hold', reason: 'queue: silent', restricted: 'nodes-full' } as const;
    await history.record('p', sample(1));
    await history.record('p', sample(2, { waiting: 0, scaler: hold }));
    expect(await history.read('p')).toEqual([
      { ...sample(1), replicas: 3 },
      { ...sample(2, { waiting: 0, scaler: hold }) },
    ]);
    expect(await history.newestMs('p')).toBe(sample(2).atMs);
  });

  it('is empty for a pool that nobody has sampled', async () => {
    expect([await history.read('p'), await history.newestMs('p')]).toEqual([[], undefined]);
  });

  it('has one sample a step, however many record it at once, and none before the newest', async () => {
    const recorded = await Promise.all(
      Array.from({ length: 20 }, async () => history.record('p', sample(5))),
    );
    expect(recorded.filter(Boolean)).toHaveLength(1);
    expect(await history.record('p', sample(4))).toBe(false);
    expect(await history.read('p')).toHaveLength(1);
  });

  it('writes a statement again only when it has changed, or five minutes later', async () => {
    for (let step = 1; step <= 130; step += 1) await history.record('p', sample(step));
    await history.record('p', sample(131, { scaler: { decision: 'scale', reason: 'backlog', replicas: 4 } }));
    const said = (await history.read('p')).filter(({ scaler }) => scaler !== undefined);
    const steps = said.map(({ atMs, scaler }) => [(atMs - beganMs) / historyStepMs, scaler?.reason]);
    expect(steps).toEqual([
      [1, 'steady'],
      [60, 'steady'],
      [120, 'steady'],
      [131, 'backlog'],
    ]);
  });

  it('keeps an hour, in little memory, and goes as a whole when nobody samples any more', async () => {
    const hour = historyKeptMs / historyStepMs;
    for (let step = 1; step <= hour + 50; step += 1) await history.record('p', sample(step));
    const samples = await history.read('p');
    expect(samples).toHaveLength(hour + 1);
    expect(samples[0]?.atMs).toBe(sample(50).atMs);
    const key = redis.keys.poolHistory('p');
    expect(await redis.redis.pttl(key)).toBeGreaterThan(historyKeptMs);
    expect(await redis.redis.memory('USAGE', key)).toBeLessThan(64 * 1024);
  });
});
