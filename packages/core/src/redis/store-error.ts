/** What Redis's failures mean to a client of ours. */
import { AppError } from '../errors/app-error.ts';
import { within } from '../lifecycle/within.ts';
import { toError } from '../errors/to-error.ts';

/** Redis is not there, is starting, or was too slow: all of them pass. */
const unavailable =
  /^(LOADING|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|MISCONF|BUSY|NOREPLICAS|UNBLOCKED)|Connection is closed|Command aborted|Command timed out|Stream isn't writeable|max retries per request|ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|Socket closed/i;

export const storeUnavailable = (cause: Error): AppError =>
  new AppError(
    'store-unavailable',
    'The job store cannot be reached. A POST may be repeated safely with an Idempotency-Key.',
    { retryAfterSeconds: 2, cause },
  );

/**
 * An AppError 503 for what passes (`store-unavailable`, `store-full`), the error itself for what is a fault of ours.
 * A Redis at `maxmemory` with `noeviction` answers `OOM` to writes and goes on reading.
 */
export const toStoreError = (thrown: unknown): Error => {
  const error = toError(thrown);
  if (error instanceof AppError) return error;
  if (/\bOOM\b/.test(error.message)) {
    return new AppError('store-full', 'The job store is out of memory; finished jobs are being removed.', {
      retryAfterSeconds: 10,
      cause: error,
    });
  }
  const name = `${error.name} ${error.message}`;
  if (!unavailable.test(error.message) && !unavailable.test(name)) return error;
  return storeUnavailable(error);
};

/**
 * A command without an answer for this long has failed, counted from the call: the client's own limit begins when the
 * command is sent, which may be a pipeline later. Under the 2 s within which a client has its 503.
 */
export const storeDeadlineMs = 1_200;

/** Runs a Redis command and translates its failure. */
export const storing = async <Value>(command: Promise<Value>): Promise<Value> => {
  try {
    return await within(command, storeDeadlineMs, 'Command timed out: it');
  } catch (error) {
    throw toStoreError(error);
  }
};
