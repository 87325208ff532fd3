import { describe, expect, it } from 'vitest';
import { makeReadings, makeWorker, startMs } from '../testing/make-readings.ts';
import { nextArrivals } from './arrival-rate.ts';
import { coldStartSeconds, nextColdStart } from './cold-start.ts';
import { addStep, mostAfterGrowth } from './scale-steps.ts';
import { finishedServiceSeconds, serviceSeconds } from './service-time.ts';

describe('arrival rate', () => {
  const sample = (ready: number, inflight: number, at: number) => ({
    load: { ready, inflight },
    serviceSeconds: 2,
    now: startMs + at,
  });

  it('begins with what the running jobs say', () => {
    expect(nextArrivals(undefined, sample(7, 4, 0))).toEqual({ perSecond: 2, backlog: 11, at: startMs });
  });

  it('follows what the backlog grew by and what left it, over 120 s', () => {
    const before = nextArrivals(undefined, sample(0, 0, 0));
    const after = nextArrivals(before, sample(236, 4, 120_000));
    // 240 jobs more in 120 s and 2 a second worked off, seen for one time constant.
    expect(after.perSecond).toBeCloseTo(4 * (1 - Math.exp(-1)), 10);
  });

  it('is not negative when jobs are deleted', () => {
    const before = nextArrivals(undefined, sample(100, 0, 0));
    expect(nextArrivals(before, sample(0, 0, 2_000)).perSecond).toBe(0);
  });

  it('stays when no time has passed', () => {
    const before = nextArrivals(undefined, sample(5, 0, 0));
    expect(nextArrivals(before, sample(50, 0, 0))).toBe(before);
    expect(nextArrivals(before, sample(50, 0, -1))).toBe(before);
  });
});

describe('cold start', () => {
  const none = { meanSeconds: undefined, measured: [] };
  const worker = (id: string, seconds: number) => makeWorker(id, { coldStartMs: seconds * 1_000 });

  it('is 3 s at least and 180 s at most', () => {
    expect(coldStartSeconds(none)).toBe(3);
    expect(coldStartSeconds(nextColdStart(none, [worker('a', 0.5)]))).toBe(3);
    expect(coldStartSeconds(nextColdStart(none, [worker('a', 500)]))).toBe(180);
  });

  it('counts each worker once, and one that has not started not at all', () => {
    const first = nextColdStart(none, [worker('a', 10), worker('b', 0)]);
    expect(first).toEqual({ meanSeconds: 10, measured: ['a'] });
    const second = nextColdStart(first, [worker('a', 10), worker('b', 20)]);
    expect(second).toEqual({ meanSeconds: 13, measured: ['a', 'b'] });
    expect(nextColdStart(second, [worker('b', 20)])).toEqual({ meanSeconds: 13, measured: ['b'] });
  });
});

describe('service time', () => {
  const pool = (busy: number, runningMs: number, serviceMs?: number) => {
    const { pool } = makeReadings({
      workers: [makeWorker('a', { busy, runningMs }), makeWorker('b', { busy: 1, runningMs: 1_000 })],
      ...(serviceMs === undefined ? {} : { serviceMs }),
    });
    if (!pool.ok) throw new Error('not ok');
    return pool.value;
  };

  it('is what finished jobs took while the running ones are younger', () => {
    expect(finishedServiceSeconds(pool(1, 1_000, 4_000))).toBe(4);
    expect(serviceSeconds(4, pool(1, 1_000))).toBe(4);
  });

  it('is the mean age of the running jobs when that is more', () => {
    expect(serviceSeconds(4, pool(3, 9_000))).toBe(7);
  });

  it('is what is assumed when the pool is unknown, and never 0', () => {
    expect(serviceSeconds(5, undefined)).toBe(5);
    expect(serviceSeconds(0, undefined)).toBe(0.001);
    expect(finishedServiceSeconds(pool(0, 0))).toBeUndefined();
  });
});

describe('steps', () => {
  it('forgets those that are 10 s old', () => {
    const steps = addStep(
      [
        { at: 0, change: 1 },
        { at: 1, change: 2 },
      ],
      { at: 10_000, change: 3 },
    );
    expect(steps).toEqual([
      { at: 1, change: 2 },
      { at: 10_000, change: 3 },
    ]);
  });

  it('counts growth alone, and only of the last 10 s', () => {
    const steps = [
      { at: 0, change: 5 },
      { at: 1, change: 2 },
      { at: 2, change: -3 },
    ];
    expect(mostAfterGrowth(10, steps, 10_000)).toBe(16);
    expect(mostAfterGrowth(10, [], 10_000)).toBe(20);
    expect(mostAfterGrowth(1, [{ at: 10_000, change: 5 }], 10_000)).toBe(4);
  });
});
