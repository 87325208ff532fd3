import { describe, expect, it } from 'vitest';
import {
  busyWorkers,
  createTicker,
  makeSettings,
  type Situation,
  type Ticker,
} from './testing/make-readings.ts';

/** A backlog without end on machines with room for three. */
const crowded = (replicas: number, over: Situation['target'] = {}): Situation => {
  const running = Math.min(3, replicas);
  return {
    ready: 100,
    workers: busyWorkers(running),
    target: { replicas, starting: replicas - running, unschedulable: replicas - running, ...over },
  };
};

const scale = (ticker: Ticker, situation: Situation, seconds?: number) => {
  const { decision } = ticker.tick(situation, seconds);
  if (decision.kind === 'hold') throw new Error('it holds');
  return decision;
};

/** Up to the moment at which the cap of three has come. */
const atCap = (settings = makeSettings({ maxWorkers: 6 })) => {
  const ticker = createTicker(settings);
  expect(scale(ticker, crowded(3)).replicas).toBe(6);
  expect(scale(ticker, crowded(6)).replicas).toBe(6);
  expect(scale(ticker, crowded(6), 9).replicas).toBe(6);
  return { ticker, first: scale(ticker, crowded(6), 1) };
};

/** Goes on until it tries one more; @returns the seconds that took. */
const untilProbe = (ticker: Ticker): number => {
  for (let seconds = 2; seconds <= 1_000; seconds += 2) {
    if (scale(ticker, crowded(3)).replicas === 4) return seconds;
  }
  throw new Error('no probe');
};

const failProbe = (ticker: Ticker): number => {
  expect(scale(ticker, crowded(4)).replicas).toBe(4);
  return scale(ticker, crowded(4), 10).replicas;
};

describe('capacity', () => {
  it('takes away at once what has found no room for 10 s', () => {
    expect(atCap().first).toEqual({
      kind: 'scale',
      replicas: 3,
      reason: 'capacity',
      restricted: 'capacity',
      victims: [],
    });
  });

  it('forgets that somebody found no room when he found some within 10 s', () => {
    const ticker = createTicker(makeSettings({ maxWorkers: 6 }));
    scale(ticker, crowded(6));
    scale(ticker, crowded(6, { unschedulable: 0 }), 8);
    expect(scale(ticker, crowded(6), 8).replicas).toBe(6);
  });

  it('holds the cap for 60 s, then tries one', () => {
    const { ticker } = atCap();
    expect(scale(ticker, crowded(3))).toEqual({
      kind: 'scale',
      replicas: 3,
      reason: 'steady',
      restricted: 'capacity',
    });
    expect(untilProbe(ticker)).toBe(58);
  });

  it('doubles the hold with every probe that fails, up to 10 min', () => {
    const { ticker } = atCap();
    untilProbe(ticker);
    const holds: number[] = [];
    for (let probe = 0; probe < 5; probe += 1) {
      expect(failProbe(ticker)).toBe(3);
      holds.push(untilProbe(ticker));
    }
    expect(holds).toEqual([120, 240, 480, 600, 600]);
  });

  it('does not double while the surplus is being taken away', () => {
    const { ticker } = atCap();
    expect(scale(ticker, crowded(6)).replicas).toBe(3);
    expect(untilProbe(ticker)).toBe(58);
  });

  it('goes on one by one while probes find room', () => {
    const { ticker } = atCap();
    untilProbe(ticker);
    const roomy = (count: number): Situation => ({ ready: 100, workers: busyWorkers(count) });
    const waiting = { ...roomy(3), target: { replicas: 4, starting: 1 } };
    expect(scale(ticker, waiting).replicas).toBe(4);
    expect(scale(ticker, roomy(4)).replicas).toBe(5);
    expect(scale(ticker, roomy(5)).replicas).toBe(6);
  });

  it('follows when still fewer find room', () => {
    const { ticker } = atCap();
    const fewer = crowded(3, { unschedulable: 1 });
    scale(ticker, fewer);
    expect(scale(ticker, fewer, 10)).toMatchObject({ replicas: 2, reason: 'capacity' });
  });

  it('keeps a worker that found room after all', () => {
    const { ticker } = atCap();
    expect(scale(ticker, { ready: 100, workers: busyWorkers(5) }).replicas).toBe(5);
  });

  it('is forgotten when the need has fallen under it', () => {
    const { ticker } = atCap();
    scale(ticker, { workers: busyWorkers(3) }, 60);
    expect(scale(ticker, crowded(3)).replicas).toBe(6);
  });

  it('does not go under the minimum', () => {
    expect(atCap(makeSettings({ minWorkers: 5, maxWorkers: 6 })).first).toMatchObject({ replicas: 5 });
  });

  it('takes nothing more away at the minimum', () => {
    const { ticker } = atCap(makeSettings({ minWorkers: 5, maxWorkers: 6 }));
    expect(scale(ticker, crowded(5))).toEqual({
      kind: 'scale',
      replicas: 5,
      reason: 'steady',
      restricted: 'capacity',
    });
  });

  it('leaves a rollout alone', () => {
    const { ticker } = atCap();
    expect(scale(ticker, crowded(6, { rollout: true })).replicas).toBe(6);
  });
});
