/** Readings, settings and ticks for the tests: a quiet pool of one worker, changed where a test wants it. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import { decideReplicas, type Decided } from '../decide-replicas.ts';
import type { ScalerSettings } from '../decision/scaler-settings.ts';
import { addStep } from '../decision/scale-steps.ts';
import { initialScalerState, type ScalerState } from '../decision/scaler-state.ts';
import type { Readings } from '../readings/readings.ts';
import type { TargetState } from '../targets/scale-target.ts';

type PoolWorker = PoolReport['workers'][number];

export const startMs = Date.UTC(2030, 0, 1);

export const makeSettings = (over: Partial<ScalerSettings> = {}): ScalerSettings => ({
  minWorkers: 1,
  maxWorkers: 10,
  slotsPerWorker: 1,
  targetWaitSeconds: 10,
  idleTimeoutSeconds: 300,
  assumedServiceSeconds: 5,
  downWindowSeconds: 30,
  ...over,
});

export const makeWorker = (id: string, over: Partial<PoolWorker> = {}): PoolWorker => ({
  id,
  slots: 1,
  busy: 0,
  state: 'active',
  ageMs: 60_000,
  coldStartMs: 800,
  runningMs: 0,
  ...over,
});

export interface Situation {
  ready?: number;
  unacknowledged?: number;
  waiting?: number;
  oldestWaitMs?: number;
  serviceMs?: number;
  processing?: number;
  announced?: boolean;
  paused?: boolean;
  workers?: PoolWorker[];
  target?: Partial<TargetState>;
}

const makePool = (situation: Situation, workers: PoolWorker[]): PoolReport => ({
  pool: 'factorial',
  waiting: situation.waiting ?? situation.ready ?? 0,
  processing: situation.processing ?? workers.reduce((sum, { busy }) => sum + busy, 0),
  oldestWaitMs: situation.oldestWaitMs ?? 0,
  ...(situation.serviceMs === undefined ? {} : { serviceMs: situation.serviceMs }),
  announced: situation.announced ?? true,
  paused: situation.paused ?? false,
  workers,
});

const makeTarget = (over: Partial<TargetState>, workers: PoolWorker[]): TargetState => ({
  replicas: workers.length,
  starting: 0,
  unschedulable: 0,
  rollout: false,
  paused: false,
  workers: workers.map(({ id }) => ({ id })),
  present: workers.map(({ id }) => id),
  ...over,
});

/** All three sources in order, and read this very moment. */
export const makeReadings = (situation: Situation = {}, at = startMs): Readings => {
  const { workers = [makeWorker('a')] } = situation;
  const pool = makePool(situation, workers);
  const unacknowledged = situation.unacknowledged ?? pool.processing;
  return {
    queue: { ok: true, at, value: { ready: situation.ready ?? 0, unacknowledged } },
    pool: { ok: true, at, value: pool },
    target: { ok: true, at, value: makeTarget(situation.target ?? {}, workers) },
  };
};

export const idleWorkers = (count: number): PoolWorker[] =>
  Array.from({ length: count }, (_, index) => makeWorker(`w${index}`));

export const busyWorkers = (count: number, over: Partial<PoolWorker> = {}): PoolWorker[] =>
  idleWorkers(count).map((worker) => ({ ...worker, busy: 1, runningMs: 1_000, ...over }));

export interface Ticker {
  /** Decides, and takes what was decided as done. */
  tick(situation: Situation | Readings, seconds?: number): Decided;
  now(): number;
}

/** A control loop without a world: remembers from tick to tick, as the real one does. */
export const createTicker = (settings: ScalerSettings, state: ScalerState = initialScalerState): Ticker => {
  let memory = state;
  let now = startMs - 2_000;
  return {
    now: () => now,
    tick: (situation, seconds = 2) => {
      now += seconds * 1_000;
      const readings = 'queue' in situation ? situation : makeReadings(situation, now);
      const decided = decideReplicas({ readings, state: memory, settings, now });
      memory = decided.state;
      const { decision } = decided;
      const current = readings.target.ok ? readings.target.value.replicas : 0;
      if (decision.kind === 'scale' && decision.replicas !== current) {
        const step = { at: now, change: decision.replicas - current };
        memory = { ...memory, steps: addStep(memory.steps, step) };
      }
      return decided;
    },
  };
};
