/**
 * Readiness of the scaler. One that leads has to have decided lately for every pool, from sources that could be read then. One
 * that does not is as ready as it can be, provided that it could lead: where nobody reaches the Lease, nobody scales.
 */
import type { Checks } from '@factorial/core/ops/readiness';
import type { TickReport } from '../control-loop.ts';
import type { Leadership } from '../leader/leadership.ts';

const staleMs = 30_000;

export interface PoolReady {
  tell: (report: TickReport) => void;
  /** Somebody else decides from now on. */
  forget: () => void;
}

export interface ScalerReadyDeps {
  leadership: Leadership;
  /** Whether the Lease can be reached. */
  inTouch: () => boolean;
  now: () => number;
}

export interface ScalerReady {
  forPool: (pool: string) => PoolReady;
  checks: Checks;
}

export const createScalerReady = ({ leadership, inTouch, now }: ScalerReadyDeps): ScalerReady => {
  const last = new Map<string, TickReport | undefined>();
  const everywhere = (passes: (report: TickReport) => boolean) => () =>
    !leadership.term() || [...last.values()].every((report) => report !== undefined && passes(report));
  const readable = (source: keyof TickReport['readings']) =>
    everywhere(({ readings }) => readings[source].ok);
  return {
    forPool: (pool) => {
      last.set(pool, undefined);
      return {
        tell: (report) => void last.set(pool, report),
        forget: () => void last.set(pool, undefined),
      };
    },
    checks: {
      lease: inTouch,
      deciding: everywhere(({ at }) => now() - at <= staleMs),
      queue: readable('queue'),
      pool: readable('pool'),
      target: readable('target'),
    },
  };
};
