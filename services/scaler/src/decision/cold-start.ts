/** Learns how long a new worker takes until it serves. Each worker counts once. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import { clamp } from './clamp.ts';

/** How much one new worker moves the average. */
const weight = 0.3;
const leastSeconds = 3;
const mostSeconds = 180;

export interface ColdStartState {
  /** Seconds; nothing before the first worker has been measured. */
  meanSeconds: number | undefined;
  /** Ids of the present workers that are in the average. */
  measured: readonly string[];
}

const average = (mean: number | undefined, seconds: number): number =>
  mean === undefined ? seconds : mean + weight * (seconds - mean);

export const nextColdStart = (previous: ColdStartState, workers: PoolReport['workers']): ColdStartState => {
  const ready = workers.filter((worker) => worker.coldStartMs > 0);
  const fresh = ready.filter((worker) => !previous.measured.includes(worker.id));
  return {
    meanSeconds: fresh.reduce<number | undefined>(
      (mean, worker) => average(mean, worker.coldStartMs / 1_000),
      previous.meanSeconds,
    ),
    measured: ready.map((worker) => worker.id),
  };
};

/** Between 3 and 180 s: below, the tick itself is slower; above, it is a fault and not a start. */
export const coldStartSeconds = (state: ColdStartState): number =>
  clamp(state.meanSeconds ?? leastSeconds, leastSeconds, mostSeconds);
