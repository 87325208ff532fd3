/** A pool's past, as points in time: what the api has kept, and what the page sees while it is open. */
import type { Pool, PoolHistory, ScalerStatement } from '../api/schemas.ts';

export interface Sample {
  atMs: number;
  waiting: number;
  processing: number;
  busy: number;
  idle: number;
  draining: number;
  /** Workers that the scaler wants. */
  replicas: number | undefined;
  scaler: ScalerStatement | undefined;
}

/** The api tells what the scaler says where it is news, and the number that it wants with each sample. */
export const fromHistory = ({ samples }: PoolHistory): Sample[] =>
  samples.map(({ at, replicas, scaler, ...counts }) => ({
    ...counts,
    atMs: Date.parse(at),
    replicas,
    scaler: scaler && { ...scaler, replicas },
  }));

export const fromPool = (pool: Pool, atMs: number): Sample => ({
  atMs,
  waiting: pool.ready,
  processing: pool.inFlight,
  ...pool.workers,
  replicas: pool.scaler?.replicas,
  scaler: pool.scaler,
});

/** In order of time, those within the window. Where kept and seen overlap, what was seen is finer and holds. */
export const mergeSamples = (kept: readonly Sample[], seen: readonly Sample[], fromMs: number): Sample[] => {
  const firstSeen = seen[0]?.atMs ?? Infinity;
  return [...kept.filter(({ atMs }) => atMs < firstSeen), ...seen].filter(({ atMs }) => atMs >= fromMs);
};

/** No more than so many, spread evenly, the first and the newest among them. */
export const thin = (samples: readonly Sample[], most: number): Sample[] => {
  if (samples.length <= most) return [...samples];
  const step = (samples.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => samples[Math.round(index * step)]).filter(
    (sample) => sample !== undefined,
  );
};
