/** A clock that stands still until a test moves it. */
import type { Clock } from '../time/clock.ts';

export interface FakeClock extends Clock {
  advance(ms: number): void;
}

/** @param startMs ms since the epoch. */
export const createFakeClock = (startMs = Date.UTC(2030, 0, 1)): FakeClock => {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
};
