/** How long to wait before something that keeps ending is started once more. */
import { retryDelayMs } from '../time/backoff.ts';

/** The ceiling keeps a consumer's return within 5 s, whatever went before. */
const backoff = { baseMs: 100, ceilingMs: 2_000 };

/** What has lived this long was well: its end is a first failure, not the next one in a row. */
const healthyMs = 5_000;

export interface RetryPace {
  /**
   * Asked before each start.
   * @param nowMs of a clock that never goes back.
   * @param random in [0, 1).
   * @returns 0 for the first, and for one after a long good life.
   */
  nextDelayMs(nowMs: number, random: number): number;
}

export const createRetryPace = (): RetryPace => {
  let failures = 0;
  let lastStartMs = Number.NEGATIVE_INFINITY;
  return {
    nextDelayMs: (nowMs, random) => {
      failures = nowMs - lastStartMs >= healthyMs ? 0 : failures + 1;
      const delayMs = failures === 0 ? 0 : retryDelayMs(failures, random, backoff);
      lastStartMs = nowMs + delayMs;
      return delayMs;
    },
  };
};
