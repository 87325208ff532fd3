import { historyStepMs, type PoolSample } from '@factorial/core/workers/pool-history';
import { describe, expect, it } from 'vitest';
import { mostShownSamples, showHistory } from './pool-history-view.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2030, 0, 1, 12);
const steady = { decision: 'scale', reason: 'steady', replicas: 1 } as const;
const backlog = { decision: 'scale', reason: 'backlog', replicas: 2 } as const;

/** @param ago steps before now. */
const sample = (ago: number, changes: Partial<PoolSample> = {}): PoolSample => ({
  atMs: nowMs - ago * historyStepMs,
  waiting: ago,
  processing: 0,
  busy: 0,
  idle: 1,
  draining: 0,
  ...changes,
});
const samples = (count: number): PoolSample[] =>
  Array.from({ length: count }, (_, index) => sample(count - 1 - index));

describe('what is shown of a history', () => {
  it('is every sample of a window that has few, and none from before it', () => {
    const shown = showHistory(samples(100), { nowMs, lengthMs: 300_000 });
    expect(shown.stepMs).toBe(historyStepMs);
    expect(shown.samples.map(({ waiting }) => waiting)).toEqual(Array.from({ length: 60 }, (_, i) => 59 - i));
  });

  it('is every second sample of an hour, the same ones while time goes on', () => {
    const all = samples(721);
    const shown = showHistory(all, { nowMs, lengthMs: hourMs });
    expect(shown.stepMs).toBe(2 * historyStepMs);
    expect(shown.samples.length).toBeLessThanOrEqual(mostShownSamples + 1);
    const later = showHistory([...all, sample(-1)], { nowMs: nowMs + historyStepMs, lengthMs: hourMs });
    const times = new Set(later.samples.map(({ atMs }) => atMs));
    expect(shown.samples.slice(1, -1).filter(({ atMs }) => !times.has(atMs))).toEqual([]);
  });

  it('tells what the scaler says once, from the beginning of the window on', () => {
    const history = [
      sample(80, { scaler: steady }),
      sample(50),
      sample(40, { scaler: { ...steady } }),
      sample(30, { scaler: backlog }),
      sample(20),
    ];
    const shown = showHistory(history, { nowMs, lengthMs: 300_000 });
    expect(shown.samples.map(({ scaler }) => scaler?.reason)).toEqual([
      'steady',
      undefined,
      'backlog',
      undefined,
    ]);
  });

  it('keeps a statement whose sample is left out', () => {
    // Noon is the beginning of a step of 10 s: the two before it lie in one.
    const last = sample(1);
    const shown = showHistory([sample(2, { scaler: backlog }), last], { nowMs, lengthMs: hourMs });
    expect(shown.samples).toEqual([{ ...last, scaler: backlog }]);
  });

  it('is nothing where there is nothing', () => {
    expect(showHistory([], { nowMs, lengthMs: hourMs }).samples).toEqual([]);
  });
});
