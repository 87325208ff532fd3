/** Delays between tries. */

export interface BackoffSettings {
  baseMs: number;
  ceilingMs: number;
}

/**
 * Exponential back-off with full jitter: uniform between 0 and min(ceiling, base · 2^(attempt − 1)).
 * Full jitter spreads a herd of retries best: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param attempt 1 after the first failure.
 * @param random a number in [0, 1).
 * @returns milliseconds, at least 1.
 */
export const retryDelayMs = (attempt: number, random: number, settings: BackoffSettings): number => {
  const bound = Math.min(settings.ceilingMs, settings.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.max(1, Math.floor(bound * random));
};
