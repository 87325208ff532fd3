/** Puts an end to waiting for what may never answer: a broker, a check, a peer. */

/** @throws when the work has not settled after `timeoutMs`; the work itself goes on, and how it ends is of no interest then. */
export const within = async <Value>(
  work: Promise<Value>,
  timeoutMs: number,
  what: string,
): Promise<Value> => {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new Error(`${what} took longer than ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([work, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
};
