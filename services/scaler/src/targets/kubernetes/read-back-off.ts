/** Keeps from asking a server that is away at every tick: 2 s after the first failure, then longer, up to 30 s. */
import { unknown, type Reading } from '../../readings/reading.ts';

const firstMs = 2_000;
const longestMs = 30_000;

export interface Failure {
  reason: string;
  /** When the server itself wants to be asked again. */
  retryAfterMs?: number;
}

export interface ReadBackOff {
  /** @returns what to answer without asking; undefined when it is time to ask. */
  hold(): Reading<never> | undefined;
  succeeded(): void;
  failed(failure: Failure): Reading<never>;
}

/** The server's own wish goes over our patience, but nothing of this world is worth waiting longer for than a minute. */
const mostPatientMs = 60_000;

export const createReadBackOff = (now: () => number): ReadBackOff => {
  let failures = 0;
  let until = 0;
  let reason = '';
  return {
    hold: () => (failures > 0 && now() < until ? unknown(reason) : undefined),
    succeeded: () => {
      failures = 0;
    },
    failed: (failure) => {
      const ownMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10));
      failures += 1;
      until = now() + Math.min(mostPatientMs, Math.max(ownMs, failure.retryAfterMs ?? 0));
      ({ reason } = failure);
      return unknown(reason);
    },
  };
};
