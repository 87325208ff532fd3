/** What a handler throws to say what happens next. Anything else that is thrown is tried again with a growing delay. */

/** The job cannot succeed: it fails at once, whatever tries are left. */
export class PermanentTaskError extends Error {
  readonly retry = 'never';
  /** A short stable name of the fault, shown to the client. */
  readonly code: string;

  constructor(message: string, code = 'permanent') {
    super(message);
    this.name = 'PermanentTaskError';
    this.code = code;
  }
}

/** The job is to be tried again after a time the handler knows (a rate limit, a model that is being swapped). */
export class RetryLaterError extends Error {
  readonly retry = 'later';
  readonly code: string;
  readonly delaySeconds: number;

  constructor(message: string, delaySeconds: number, code = 'later') {
    super(message);
    this.name = 'RetryLaterError';
    this.delaySeconds = delaySeconds;
    this.code = code;
  }
}
