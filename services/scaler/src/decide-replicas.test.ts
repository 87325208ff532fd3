import { describe, expect, it } from 'vitest';
import { decideReplicas } from './decide-replicas.ts';
import { initialScalerState } from './decision/scaler-state.ts';
import { unknown } from './readings/reading.ts';
import type { Readings } from './readings/readings.ts';
import type { Decision, Hold } from './decision/decision.ts';
import {
  busyWorkers,
  createTicker,
  idleWorkers,
  makeReadings,
  makeSettings,
  makeWorker,
  startMs,
  type Situation,
} from './testing/make-readings.ts';

const decide = (situation: Situation, over: Partial<ReturnType<typeof makeSettings>> = {}) =>
  decideReplicas({
    readings: makeReadings(situation),
    state: initialScalerState,
    settings: makeSettings(over),
    now: startMs,
  });

describe('a pool that may sleep', () => {
  const asleep: Situation = { workers: [], target: { replicas: 0 } };

  it('sleeps when it has nothing to do', () => {
    expect(decide(asleep, { minWorkers: 0 }).decision).toMatchObject({ replicas: 0, reason: 'steady' });
  });

  it('gets a worker when nobody has told yet what it runs, since its jobs are refused until then', () => {
    const unheard = { ...asleep, announced: false };
    expect(decide(unheard, { minWorkers: 0 }).decision).toMatchObject({ replicas: 1, reason: 'minimum' });
  });

  it('keeps it until somebody has told, though there is nothing to do', () => {
    const ticker = createTicker(makeSettings({ minWorkers: 0, idleTimeoutSeconds: 0 }));
    const last = (announced: boolean) =>
      Array.from({ length: 40 }, () => ticker.tick({ workers: idleWorkers(1), announced })).at(-1)?.decision;
    expect(last(false)).toMatchObject({ replicas: 1, reason: 'steady' });
    expect(last(true)).toMatchObject({ replicas: 0, reason: 'less-work' });
  });

  it('gets it even when its queue was never made, but not against a pause', () => {
    const settings = makeSettings({ minWorkers: 0 });
    const decideWithoutQueue = (target: Situation['target']) => {
      const readings = makeReadings({ workers: [], announced: false, target: { replicas: 0, ...target } });
      const unread = { ...readings, queue: unknown('answered 404') };
      return decideReplicas({ readings: unread, state: initialScalerState, settings, now: startMs }).decision;
    };
    expect(decideWithoutQueue({})).toMatchObject({ replicas: 1, reason: 'minimum' });
    expect(decideWithoutQueue({ paused: true })).toMatchObject({ kind: 'hold' });
    expect(decideWithoutQueue({ replicas: 1 })).toMatchObject({ kind: 'hold' });
  });
});

describe('holds', () => {
  const backlog: Situation = { ready: 100, workers: busyWorkers(1) };
  const good = makeReadings(backlog);

  const held = (reason: Hold['reason'], detail: string): Hold => ({ kind: 'hold', reason, detail });

  it.each<[string, Readings, Hold]>([
    [
      'the queue is unknown',
      { ...good, queue: unknown('answered 503') },
      held('queue-unknown', 'answered 503'),
    ],
    ['the target is unknown', { ...good, target: unknown('forbidden') }, held('target-unknown', 'forbidden')],
    [
      'nothing is known',
      { queue: unknown('a'), pool: unknown('b'), target: unknown('c') },
      held('target-unknown', 'c'),
    ],
    [
      'only the pool is known',
      { ...good, queue: unknown('a'), target: unknown('c') },
      held('target-unknown', 'c'),
    ],
    [
      'the target is paused',
      makeReadings({ ...backlog, target: { paused: true } }),
      held('paused', 'the target is marked as paused'),
    ],
  ])('when %s, and keeps its memory', (_name, readings, hold) => {
    const { state } = decide({ ready: 3 });
    const decided = decideReplicas({ readings, state, settings: makeSettings(), now: startMs });
    expect(decided.decision).toEqual(hold);
    expect(decided.state).toBe(state);
    expect(decided.plan).toBeUndefined();
  });
});

describe('grows', () => {
  const crowd: Situation = { ready: 100, workers: busyWorkers(1) };

  it.each<[string, Decision, object]>([
    // T = max(5, 10 − 3) = 7 s, k = ⌊7/5⌋ + 1 = 2; late = 19 + λ·C − 1·7/5 = 19 + 0.6 − 1.4 = 18.2 → 1 + ⌈18.2/2⌉ = 11.
    [
      'straight to what a burst needs',
      decide({ ready: 19, workers: busyWorkers(1) }, { maxWorkers: 5 }).decision,
      { replicas: 5, reason: 'backlog', restricted: 'maximum' },
    ],
    [
      'from 0 straight to what is needed',
      decide({ ready: 6, workers: [], target: { replicas: 0 } }, { minWorkers: 0 }).decision,
      { replicas: 3, reason: 'backlog' },
    ],
    [
      'to the minimum when there is no work',
      decide({ workers: [], target: { replicas: 0 } }, { minWorkers: 2 }).decision,
      { replicas: 2, reason: 'minimum' },
    ],
    [
      'by four at most at first',
      decide(crowd, { maxWorkers: 50 }).decision,
      { replicas: 5, reason: 'backlog', restricted: 'up-rate' },
    ],
    [
      'by doubling when there are many',
      decide({ ready: 500, workers: busyWorkers(6) }, { maxWorkers: 50 }).decision,
      { replicas: 12, reason: 'backlog', restricted: 'up-rate' },
    ],
    [
      'by workers of several slots',
      decide({ ready: 10, workers: busyWorkers(1, { slots: 4, busy: 4 }) }, { slotsPerWorker: 4 }).decision,
      { replicas: 2, reason: 'backlog' },
    ],
    [
      'by one slot when the oldest has waited too long and nothing starts',
      decide({ ready: 1, serviceMs: 10, oldestWaitMs: 10_001, workers: busyWorkers(2, { runningMs: 1 }) })
        .decision,
      { replicas: 3, reason: 'oldest-wait' },
    ],
  ])('%s', (_name, decision, expected) => {
    expect(decision).toEqual({ kind: 'scale', ...expected });
  });

  it('no further within 10 s than twice what there was when they began', () => {
    const ticker = createTicker(makeSettings({ maxWorkers: 100 }));
    const replicas = (count: number, seconds?: number) => {
      const { decision } = ticker.tick({ ready: 1_000, workers: busyWorkers(count) }, seconds);
      return decision.kind === 'scale' ? decision.replicas : 'hold';
    };
    expect(replicas(8)).toBe(16);
    expect(replicas(16)).toBe(16);
    expect(ticker.tick({ ready: 1_000, workers: busyWorkers(16) }).decision).toEqual({
      kind: 'scale',
      replicas: 16,
      reason: 'steady',
      restricted: 'up-rate',
    });
    expect(replicas(16, 6)).toBe(32);
  });

  it.each([
    // Little: 2 jobs a second of 1 s each keep two workers busy, whatever the moment's backlog is.
    ['slowly', 6_000, { replicas: 2, reason: 'arrival-rate' }],
    ['at once', 5_000, { replicas: 1, reason: 'steady' }],
  ])('or not by what arrives when workers start %s', (_name, coldStartMs, expected) => {
    const arrivals = { perSecond: 2, backlog: 0, at: startMs - 1 };
    const decided = decideReplicas({
      readings: makeReadings({ serviceMs: 1_000, workers: [makeWorker('a', { coldStartMs })] }),
      state: { ...initialScalerState, arrivals },
      settings: makeSettings(),
      now: startMs,
    });
    expect(decided.decision).toEqual({ kind: 'scale', ...expected });
  });

  it('while the pool is unknown, since a backlog is a backlog', () => {
    const readings = {
      ...makeReadings({ ready: 20, unacknowledged: 1, workers: busyWorkers(1) }),
      pool: unknown('gone'),
    };
    const { decision, plan } = decideReplicas({
      readings,
      state: initialScalerState,
      settings: makeSettings(),
      now: startMs,
    });
    expect(decision).toMatchObject({ kind: 'scale', replicas: 5 });
    expect(plan).toMatchObject({ inflight: 1, ready: 20, oldestWaitSeconds: undefined });
  });

  it('by the service time last known when the pool is unknown', () => {
    const ticker = createTicker(makeSettings());
    ticker.tick({ serviceMs: 100, workers: [makeWorker('a')] });
    const silent = { ...makeReadings({ ready: 20 }), pool: unknown('gone') };
    expect(ticker.tick(silent).plan?.serviceSeconds).toBe(0.1);
  });
});

describe('stays', () => {
  it.each<[string, Situation, object]>([
    ['when nothing is asked for', {}, { replicas: 1, reason: 'steady' }],
    [
      'when the slots get to all of it in time',
      { ready: 1, serviceMs: 1_000, workers: busyWorkers(1) },
      { replicas: 1, reason: 'steady' },
    ],
    [
      'at the maximum, and says so',
      { ready: 500, workers: busyWorkers(10) },
      { replicas: 10, reason: 'steady', restricted: 'maximum' },
    ],
    [
      'when the oldest waits too long but a worker is starting',
      {
        ready: 1,
        serviceMs: 10,
        oldestWaitMs: 60_000,
        target: { replicas: 2, starting: 1 },
        workers: busyWorkers(1, { runningMs: 1 }),
      },
      { replicas: 2, reason: 'steady', restricted: 'window' },
    ],
    [
      'when the oldest waits too long but a worker has not told yet that it serves',
      {
        ready: 1,
        serviceMs: 10,
        oldestWaitMs: 60_000,
        workers: [makeWorker('a', { busy: 1 }), makeWorker('b', { state: 'starting', coldStartMs: 0 })],
      },
      { replicas: 2, reason: 'steady', restricted: 'window' },
    ],
    [
      'when an old wait is told but nothing waits',
      { ready: 0, oldestWaitMs: 60_000, workers: idleWorkers(1) },
      { replicas: 1, reason: 'steady' },
    ],
  ])('%s', (_name, situation, expected) => {
    expect(decide(situation).decision).toEqual({ kind: 'scale', ...expected });
  });
});

describe('never under what is in flight', () => {
  it('when ten jobs run and nothing waits', () => {
    const decided = decide({ workers: busyWorkers(10) });
    expect(decided.plan?.needSlots).toBe(10);
    expect(decided.decision).toEqual({ kind: 'scale', replicas: 10, reason: 'steady' });
  });

  it('counts a busy worker whose job the record no longer shows', () => {
    expect(decide({ workers: busyWorkers(4), processing: 1, unacknowledged: 1 }).plan?.inflight).toBe(4);
  });
});
