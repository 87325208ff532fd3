/** Waits that end early when somebody no longer wants what they are for. */

/** @throws the signal's reason, once it aborts. */
export const pause = async (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', leave);
      resolve();
    }, ms);
    const leave = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
  });

const baseMs = 250;
const ceilingMs = 8_000;
/** At the end of a Retry-After everybody who got it comes back: not all in the same moment. */
const spreadMs = 1_000;

/**
 * Exponential with full jitter; where the server says when to come again, then, and a little later.
 * @param attempt 1 after the first failure.
 * @param random a number in [0, 1).
 */
export const retryDelayMs = (
  attempt: number,
  random: number,
  retryAfterSeconds: number | undefined,
): number =>
  retryAfterSeconds === undefined
    ? Math.ceil(random * Math.min(ceilingMs, baseMs * 2 ** Math.min(attempt - 1, 20)))
    : retryAfterSeconds * 1_000 + Math.ceil(random * spreadMs);
