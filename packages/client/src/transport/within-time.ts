/** Puts an end to waiting. */

export interface WithinTimeOptions {
  signal?: AbortSignal | undefined;
  /** Infinity: none. */
  timeoutMs: number;
  tooLate: () => Error;
}

/** The longest that a timer can be set for. */
const longestTimerMs = 2_147_483_647;

/** @throws `tooLate` when the time is over before the work is; the signal's reason; what the work throws. */
export const withinTime = async <Value>(
  { signal, timeoutMs, tooLate }: WithinTimeOptions,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> => {
  const late = new AbortController();
  const timer = timeoutMs > longestTimerMs ? undefined : setTimeout(() => late.abort(tooLate()), timeoutMs);
  try {
    return await work(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
};
