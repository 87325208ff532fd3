/** Estimates how many jobs arrive a second, from the backlog's change and what was worked off meanwhile. */
import type { Load } from '../readings/combine-load.ts';

/** Time constant of the moving average. */
const averageOverSeconds = 120;

export interface ArrivalState {
  perSecond: number;
  backlog: number;
  /** ms since the epoch. */
  at: number;
}

export interface ArrivalSample {
  load: Load;
  serviceSeconds: number;
  now: number;
}

/** No source counts arrivals: what came is what the backlog grew by plus what left it, and `inflight` slots finish inflight/S jobs a second. */
export const nextArrivals = (
  previous: ArrivalState | undefined,
  { load, serviceSeconds, now }: ArrivalSample,
): ArrivalState => {
  const backlog = load.ready + load.inflight;
  const leaving = load.inflight / serviceSeconds;
  if (!previous) return { perSecond: leaving, backlog, at: now };
  const seconds = (now - previous.at) / 1_000;
  if (seconds <= 0) return previous;
  const seen = Math.max(0, (backlog - previous.backlog) / seconds + leaving);
  const weight = 1 - Math.exp(-seconds / averageOverSeconds);
  return { perSecond: previous.perSecond + weight * (seen - previous.perSecond), backlog, at: now };
};
