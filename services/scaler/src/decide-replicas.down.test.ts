import { describe, expect, it } from 'vitest';
import { unknown } from './readings/reading.ts';
import {
  busyWorkers,
  createTicker,
  idleWorkers,
  makeReadings,
  makeSettings,
  makeWorker,
  type Situation,
  type Ticker,
} from './testing/make-readings.ts';

/** Ticks every 2 s for so long; @returns the last decision. */
const watch = (ticker: Ticker, situation: Situation, seconds: number) => {
  let last = ticker.tick(situation, 0);
  for (let passed = 0; passed < seconds; passed += 2) last = ticker.tick(situation);
  return last.decision;
};

const steady = (replicas: number, restricted: string) => ({
  kind: 'scale',
  replicas,
  reason: 'steady',
  restricted,
});

describe('shrinks', () => {
  it('by half of the idle workers when the need was lower for the whole window', () => {
    const ticker = createTicker(makeSettings());
    expect(watch(ticker, { workers: idleWorkers(8) }, 28)).toEqual(steady(8, 'window'));
    expect(ticker.tick({ workers: idleWorkers(8) }).decision).toEqual({
      kind: 'scale',
      replicas: 4,
      reason: 'less-work',
      restricted: 'idle-share',
      victims: ['w0', 'w1', 'w2', 'w3'],
    });
  });

  it('again only 10 s after a step', () => {
    const ticker = createTicker(makeSettings());
    watch(ticker, { workers: idleWorkers(8) }, 30);
    expect(watch(ticker, { workers: idleWorkers(4) }, 8)).toEqual(steady(4, 'step-spacing'));
    expect(ticker.tick({ workers: idleWorkers(4) }).decision).toMatchObject({ replicas: 2 });
  });

  it('not within 10 s of growing', () => {
    const ticker = createTicker(makeSettings({ downWindowSeconds: 5 }));
    watch(ticker, { workers: idleWorkers(1) }, 20);
    ticker.tick({ ready: 9, workers: busyWorkers(1) });
    expect(watch(ticker, { workers: idleWorkers(5), serviceMs: 1 }, 8)).toMatchObject({ replicas: 5 });
  });

  it('to the highest need of the window, not to the last one', () => {
    const ticker = createTicker(makeSettings());
    watch(ticker, { workers: busyWorkers(6) }, 30);
    const three = [...busyWorkers(3), makeWorker('x'), makeWorker('y'), makeWorker('z')];
    watch(ticker, { workers: three }, 20);
    expect(watch(ticker, { workers: idleWorkers(6) }, 8)).toEqual(steady(6, 'window'));
    expect(ticker.tick({ workers: idleWorkers(6) }).decision).toMatchObject({
      replicas: 3,
      reason: 'less-work',
    });
  });

  it('waits three cold starts when workers start slowly', () => {
    const ticker = createTicker(makeSettings({ targetWaitSeconds: 60 }));
    const slow = idleWorkers(4).map((worker) => ({ ...worker, coldStartMs: 20_000 }));
    expect(watch(ticker, { workers: slow }, 58)).toEqual(steady(4, 'window'));
    expect(ticker.tick({ workers: slow }).decision).toMatchObject({ replicas: 2 });
  });

  it('at most 300 s late, however slowly workers start', () => {
    const ticker = createTicker(makeSettings({ targetWaitSeconds: 600 }));
    const slow = idleWorkers(2).map((worker) => ({ ...worker, coldStartMs: 900_000 }));
    expect(watch(ticker, { workers: slow }, 298)).toEqual(steady(2, 'window'));
    expect(ticker.tick({ workers: slow }).decision).toMatchObject({ replicas: 1 });
  });

  it('towards a maximum that was lowered', () => {
    const ticker = createTicker(makeSettings({ maxWorkers: 2 }));
    const workers = [...busyWorkers(5), makeWorker('idle')];
    expect(watch(ticker, { workers }, 30)).toEqual({
      kind: 'scale',
      replicas: 5,
      reason: 'maximum',
      restricted: 'idle-share',
      victims: ['idle'],
    });
  });
});

describe('lets nobody go', () => {
  const lower: Situation = { workers: idleWorkers(4) };

  /** A decider that would shrink at the next tick. */
  const ripe = () => {
    const ticker = createTicker(makeSettings());
    expect(watch(ticker, lower, 28)).toEqual(steady(4, 'window'));
    return ticker;
  };

  it('shows that it would, when nothing is in the way', () => {
    expect(ripe().tick(lower).decision).toMatchObject({ replicas: 2 });
  });

  it('when the pool is unknown', () => {
    const ticker = ripe();
    const readings = { ...makeReadings(lower, ticker.now() + 2_000), pool: unknown('answered 500') };
    expect(ticker.tick(readings).decision).toEqual(steady(4, 'pool-unknown'));
  });

  it.each(['queue', 'pool', 'target'] as const)('when the %s was read more than 10 s ago', (source) => {
    const ticker = ripe();
    const at = ticker.now() + 2_000;
    const readAt = (ms: number) => ({
      ...makeReadings(lower, at),
      [source]: makeReadings(lower, at - ms)[source],
    });
    expect(ticker.tick(readAt(10_001)).decision).toEqual(steady(4, 'stale-reading'));
    expect(ticker.tick(readAt(10_000), 0).decision).toMatchObject({ replicas: 2 });
  });

  it('when a rollout is under way', () => {
    expect(ripe().tick({ ...lower, target: { rollout: true } }).decision).toEqual(steady(4, 'rollout'));
  });

  it('when nobody is idle', () => {
    const ticker = createTicker(makeSettings({ maxWorkers: 2 }));
    expect(watch(ticker, { workers: busyWorkers(4) }, 60)).toEqual(steady(4, 'no-idle-worker'));
  });

  it('when the idle ones are not of this target', () => {
    const target = { workers: [{ id: 'somebody else' }], replicas: 4 };
    expect(ripe().tick({ ...lower, target }).decision).toEqual(steady(4, 'no-idle-worker'));
  });

  it('within one window of a restart', () => {
    const ticker = createTicker(makeSettings());
    expect(ticker.tick(lower).decision).toEqual(steady(4, 'window'));
  });

  it('within one window of a silence of more than 10 s', () => {
    const ticker = ripe();
    expect(ticker.tick(lower, 11).decision).toEqual(steady(4, 'window'));
    expect(watch(ticker, lower, 28)).toEqual(steady(4, 'window'));
    expect(ticker.tick(lower).decision).toMatchObject({ replicas: 2 });
  });

  it('for a short silence only as long as it lasts', () => {
    const ticker = ripe();
    ticker.tick({ ...makeReadings(lower), queue: unknown('answered 500') });
    expect(ticker.tick(lower).decision).toMatchObject({ replicas: 2 });
  });
});

describe('the last worker', () => {
  const settings = makeSettings({ minWorkers: 0 });

  it('lingers for the idle time, then goes', () => {
    const ticker = createTicker(settings);
    expect(watch(ticker, { workers: idleWorkers(1) }, 298)).toEqual(steady(1, 'lingering'));
    expect(ticker.tick({ workers: idleWorkers(1) }).decision).toEqual({
      kind: 'scale',
      replicas: 0,
      reason: 'less-work',
      victims: ['w0'],
    });
  });

  it('lingers anew after a job', () => {
    const ticker = createTicker(settings);
    watch(ticker, { workers: idleWorkers(1) }, 298);
    ticker.tick({ workers: busyWorkers(1) });
    expect(watch(ticker, { workers: idleWorkers(1) }, 296)).toEqual(steady(1, 'lingering'));
  });

  it('is not started where there is none and no work', () => {
    const ticker = createTicker(settings);
    expect(ticker.tick({ workers: [] }).decision).toEqual({ kind: 'scale', replicas: 0, reason: 'steady' });
  });

  it('stays alone when the others go', () => {
    const ticker = createTicker(settings);
    watch(ticker, { workers: idleWorkers(2) }, 30);
    expect(watch(ticker, { workers: idleWorkers(1) }, 60)).toEqual(steady(1, 'lingering'));
  });
});
