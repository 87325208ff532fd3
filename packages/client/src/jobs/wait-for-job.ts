/**
 * Waits for a job's end with as few requests as can be. A request that the server holds back (`Prefer: wait`) brings the
 * finished job itself, and most jobs end within it; who waits longer gets the stream of events, which stays open for as
 * long as it takes. Where there is no stream (an older server, a proxy that swallows it), held requests follow each other.
 */
import type { Job, JobSubmission } from '../api-types.ts';
import { FactorialError, JobFailedError } from '../errors.ts';
import type { Call } from '../transport/call.ts';
import { withinTime } from '../transport/within-time.ts';
import type { JobEvent } from './job-event.ts';
import { type EventsDeps, jobEvents } from './job-events.ts';
import { idOf, isFinal, type JobRef } from './job-ref.ts';
import { getJob, type RequestOptions } from './read-jobs.ts';
import { submitJob, type SubmitOptions } from './submit-jobs.ts';

export interface WaitOptions extends RequestOptions {
  /** How long to wait at most, ms; default: as long as it takes. The job goes on all the same. */
  timeoutMs?: number | undefined;
  /** Told of each event; then the stream is used from the start. */
  onEvent?: ((event: JobEvent) => void) | undefined;
}

export interface RunOptions extends WaitOptions, SubmitOptions {}

export interface WaitDeps extends EventsDeps {
  call: Call;
}

/** Many a proxy cuts off what was silent for a minute. */
const heldSeconds = 50;

/** The stream is not to be had here, the job may be. */
const isWithoutStream = ({ status, code }: FactorialError): boolean =>
  code === 'route-not-found' || code === 'unexpected-answer' || status === 405 || status === 406;

/** @returns whether there was a stream. */
const follow = async (deps: WaitDeps, job: JobRef, { signal, onEvent }: WaitOptions): Promise<boolean> => {
  try {
    for await (const event of jobEvents(deps, job, { signal })) onEvent?.(event);
    return true;
  } catch (error) {
    if (error instanceof FactorialError && isWithoutStream(error)) return false;
    throw error;
  }
};

const untilFinal = async (deps: WaitDeps, job: JobRef, options: WaitOptions): Promise<Job> => {
  const look = async (): Promise<Job> =>
    getJob(deps.call, job, { waitSeconds: heldSeconds, signal: options.signal });
  let found = options.onEvent === undefined ? await look() : undefined;
  let canStream = true;
  while (found === undefined || !isFinal(found)) {
    canStream &&= await follow(deps, job, options);
    found = await look();
  }
  return found;
};

const tooLong = (job: JobRef, timeoutMs: number) => (): FactorialError =>
  new FactorialError(`job ${idOf(job)} had not ended after ${timeoutMs / 1_000} s; it goes on`, {
    code: 'wait-timeout',
    status: 0,
  });

/** @returns the job in its final state, whichever that is. @throws FactorialError; the signal's reason. */
export const waitForJob = async (deps: WaitDeps, job: JobRef, options: WaitOptions = {}): Promise<Job> => {
  const { timeoutMs = Number.POSITIVE_INFINITY } = options;
  return withinTime({ ...options, timeoutMs, tooLate: tooLong(job, timeoutMs) }, async (signal) =>
    untilFinal(deps, job, { ...options, signal }),
  );
};

/** A submission that waits saves a request, and tells of nothing meanwhile. */
const heldSecondsOf = ({ onEvent, timeoutMs = Number.POSITIVE_INFINITY }: RunOptions): number =>
  onEvent === undefined ? Math.min(heldSeconds, Math.floor(timeoutMs / 1_000)) : 0;

/** @throws JobFailedError where the job does not end as done; what waiting throws. */
export const runJob = async (
  deps: WaitDeps,
  submission: JobSubmission,
  options: RunOptions = {},
): Promise<Job> => {
  const { timeoutMs = Number.POSITIVE_INFINITY } = options;
  const beganMs = performance.now();
  const submitted = await submitJob(deps.call, submission, {
    ...options,
    waitSeconds: heldSecondsOf(options),
  });
  const leftMs = Math.max(0, timeoutMs - (performance.now() - beganMs));
  const job = isFinal(submitted)
    ? submitted
    : await waitForJob(deps, submitted, { ...options, timeoutMs: leftMs });
  if (job.status !== 'done') throw new JobFailedError(job);
  return job;
};
