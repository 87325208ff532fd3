/**
 * Whether new work may be written while replicas do not confirm. What is written and not confirmed is refused, and runs all the same:
 * a client that obeys Retry-After would make one job more with each try. So that it does not, one write in a while is let through to find
 * out, and the others are refused before they are written.
 */
import type { Clock } from '../time/clock.ts';

export interface ReplicationDoubt {
  /** A group of writes was confirmed, or was not. */
  note(isConfirmed: boolean): void;
  /** @returns whether one more may be written. In doubt the first that is told so is the one that finds out. */
  admits(): boolean;
}

/** As clients are told to wait, and half of it: who comes back meets a newer answer. */
const pauseMs = 1_000;

/** @param timeoutMs within which a group is confirmed or not. */
export const createReplicationDoubt = (clock: Clock, timeoutMs: number): ReplicationDoubt => {
  let doubtUntil: number | undefined;
  return {
    note: (isConfirmed) => {
      doubtUntil = isConfirmed ? undefined : clock.now() + pauseMs;
    },
    admits: () => {
      if (doubtUntil === undefined) return true;
      if (clock.now() < doubtUntil) return false;
      doubtUntil = clock.now() + timeoutMs + pauseMs;
      return true;
    },
  };
};
