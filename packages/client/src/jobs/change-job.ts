/** Cancels, retries and deletes jobs. A try whose answer was lost may have done it: then the next one finds it done. */
import type { Job } from '../api-types.ts';
import { FactorialError } from '../errors.ts';
import { type Call, readJson, readNothing } from '../transport/call.ts';
import { isFinal, type JobRef, jobPath } from './job-ref.ts';
import { getJob, type RequestOptions } from './read-jobs.ts';

const wasRepeated = (error: unknown, code: string): boolean =>
  error instanceof FactorialError && error.tries > 1 && error.code === code;

interface Change {
  verb: 'cancel' | 'retry';
  /** Whether a job in this state is what the change makes of one. */
  isDone: (job: Job) => boolean;
}

const change = async (
  call: Call,
  { job, verb, isDone }: Change & { job: JobRef },
  { signal }: RequestOptions,
): Promise<Job> => {
  try {
    return await call({ method: 'POST', path: `${jobPath(job)}/${verb}`, signal }, readJson<Job>);
  } catch (error) {
    if (!wasRepeated(error, 'wrong-state')) throw error;
    const found = await getJob(call, job, { signal });
    if (!isDone(found)) throw error;
    return found;
  }
};

export const cancelJob = async (call: Call, job: JobRef, options: RequestOptions = {}): Promise<Job> =>
  change(call, { job, verb: 'cancel', isDone: ({ status }) => status === 'cancelled' }, options);

export const retryJob = async (call: Call, job: JobRef, options: RequestOptions = {}): Promise<Job> =>
  change(
    call,
    { job, verb: 'retry', isDone: (found) => !isFinal(found) || found.status === 'done' },
    options,
  );

export const removeJob = async (call: Call, job: JobRef, { signal }: RequestOptions = {}): Promise<void> => {
  try {
    await call({ method: 'DELETE', path: jobPath(job), signal }, readNothing);
  } catch (error) {
    if (!wasRepeated(error, 'job-expired')) throw error;
  }
};
