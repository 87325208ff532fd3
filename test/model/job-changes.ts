/** What the scripts share (head.lua): into the queue, into a final state, the end of what has no right to another run. */
import type { FinalStatus } from '@factorial/core/jobs/job-status';
import type { ModelJob, ModelStore } from './record.ts';
import type { Rules } from './rules.ts';

export interface Limits {
  maxAttempts: number;
}

/** A script at work: on which store, by which rules. */
export interface Scope {
  store: ModelStore;
  rules: Rules;
  limits: Limits;
}

interface Enqueued {
  isDelayed: boolean;
  look: 'later' | 'now';
}

export const enqueue = (job: ModelJob, { isDelayed, look }: Enqueued): void => {
  job.status = 'queued';
  job.queueOver = false;
  job.leaseOut = false;
  job.silent = false;
  job.nonce = 0;
  job.delay = isDelayed ? 'ahead' : 'none';
  job.due = isDelayed ? 'later' : look;
  if (!isDelayed) job.isWaiting = true;
};

/** The only way into a final state. */
export const finish = (
  { store, rules }: Scope,
  job: ModelJob,
  end: { status: FinalStatus; result: string },
): void => {
  store.pending -= 1;
  if (rules.finishLeavesDue) job.due = 'no';
  if (rules.finishDropsToken) job.token = 0;
  job.isWaiting = false;
  job.status = end.status;
  job.result = end.result;
  job.leaseOut = false;
  job.silent = false;
  job.runOver = false;
  job.queueOver = false;
  job.expiryOver = false;
  job.nonce = 0;
  job.delay = 'none';
  job.swapNonce = 0;
  job.isFinished = true;
  job.hasTtl = true;
};

export const commit = (scope: Scope, job: ModelJob): void => {
  job.commits += 1;
  finish(scope, job, { status: 'done', result: `done ${job.attempt}` });
};

/** @returns why it was ended, or '' where it has a right to another run. */
export const failIfSpent = (scope: Scope, job: ModelJob): string => {
  let result = '';
  if (scope.rules.triesEnd && job.tries >= scope.limits.maxAttempts) result = 'attempts-exhausted';
  if (job.status === 'queued' && job.queueOver) result = 'queue-timeout';
  if (result !== '') finish(scope, job, { status: 'failed', result });
  return result;
};
