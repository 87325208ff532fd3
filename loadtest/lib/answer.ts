/** What an answer's status means for the one who asked. */

/** Of every request. */
export const requestTimeoutSeconds = 10;

/** Between two tries where the server did not say how long to wait. */
const pauseSeconds = 1;
const longestPauseSeconds = 60;

export type Meaning =
  | { kind: 'ok' }
  /** Back-pressure: the server asks to come again. */
  | { kind: 'later'; seconds: number }
  /** A fault that another try may not meet: no answer, or a fault of the server. */
  | { kind: 'broken'; seconds: number }
  /** Another try would be answered the same. */
  | { kind: 'refused' };

/** `Retry-After` in seconds; its other form, a date, is one that this api does not send. */
const secondsOf = (retryAfter: string | undefined): number =>
  retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter)
    ? Math.min(longestPauseSeconds, Number(retryAfter))
    : pauseSeconds;

/** @param status 0 when there was no answer. */
export const meaningOf = (status: number, retryAfter: string | undefined): Meaning => {
  if (status >= 200 && status < 300) return { kind: 'ok' };
  // 409 to a submission: the first one with this key is still being taken in.
  const asksToWait = status === 429 || status === 503 || (status === 409 && retryAfter !== undefined);
  if (asksToWait) return { kind: 'later', seconds: secondsOf(retryAfter) };
  if (status === 0 || status >= 500) return { kind: 'broken', seconds: pauseSeconds };
  return { kind: 'refused' };
};
