/** Takes a tick's readings in: what is asked of the workers now, and what to remember for the next tick. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import { combineLoad, type Load } from '../readings/combine-load.ts';
import type { QueueCounts } from '../readings/queue-reading.ts';
import type { TargetState } from '../targets/scale-target.ts';
import { nextArrivals } from './arrival-rate.ts';
import { coldStartSeconds, nextColdStart } from './cold-start.ts';
import type { Demand } from './needed-slots.ts';
import type { ScalerSettings } from './scaler-settings.ts';
import type { ScalerState } from './scaler-state.ts';
import { finishedServiceSeconds, serviceSeconds } from './service-time.ts';

/** What is known in a tick: the queue and the target always, the pool only where the api answers. */
export interface Known {
  queue: QueueCounts;
  pool: PoolReport | undefined;
  target: TargetState;
}

export interface ObserveInput {
  known: Known;
  state: ScalerState;
  settings: ScalerSettings;
  now: number;
}

/** What the pool itself says where it does; a worker that has not told yet is taken for as wide as the others. */
const slotsOf = ({ pool, target }: Known, slotsPerWorker: number): number => {
  const told = pool?.workers.reduce((sum, worker) => sum + worker.slots, 0) ?? 0;
  return Math.max(told, target.replicas * slotsPerWorker);
};

const isServing = (pool: PoolReport, id: string): boolean =>
  pool.workers.some((worker) => worker.id === id && worker.state !== 'starting');

const someStarting = ({ pool, target }: Known): boolean =>
  target.starting > 0 || (pool !== undefined && target.workers.some(({ id }) => !isServing(pool, id)));

/** Memory of what does not depend on the demand itself. */
const remember = ({ known, state }: ObserveInput): ScalerState => {
  if (!known.pool) return state;
  return {
    ...state,
    coldStart: nextColdStart(state.coldStart, known.pool.workers),
    serviceSeconds: finishedServiceSeconds(known.pool) ?? state.serviceSeconds,
    paused: known.pool.paused,
  };
};

const idleSince = (state: ScalerState, { ready, inflight }: Load, now: number): number | undefined =>
  ready + inflight === 0 ? (state.idleSince ?? now) : undefined;

export const observe = (input: ObserveInput): { demand: Demand; state: ScalerState } => {
  const { known, settings, now } = input;
  const state = remember(input);
  const seconds = serviceSeconds(state.serviceSeconds ?? settings.assumedServiceSeconds, known.pool);
  const slots = slotsOf(known, settings.slotsPerWorker);
  const load = combineLoad({ queue: known.queue, pool: known.pool, slots });
  const arrivals = nextArrivals(state.arrivals, { load, serviceSeconds: seconds, now });
  const demand: Demand = {
    ...load,
    slots,
    serviceSeconds: seconds,
    coldStartSeconds: coldStartSeconds(state.coldStart),
    arrivalsPerSecond: arrivals.perSecond,
    oldestWaitSeconds: known.pool ? known.pool.oldestWaitMs / 1_000 : undefined,
    starting: someStarting(known),
    paused: state.paused,
  };
  return { demand, state: { ...state, arrivals, idleSince: idleSince(state, load, now) } };
};
