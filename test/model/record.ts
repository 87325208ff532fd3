/** What Redis holds, as far as a job's life depends on it. Times are not numbers here but what a script asks of them: passed or not. */
import type { JobStatus } from '@factorial/core/jobs/job-status';

export interface ModelJob {
  status: JobStatus | 'none';
  isUrgent: boolean;
  attempt: number;
  tries: number;
  /** 0: none. Each claim gives one that no other claim of this job has given. */
  token: number;
  /** The delivery it was claimed by; 0: none. */
  nonce: number;
  /** The delivery that was answered with another job, and which; 0: none. */
  swapNonce: number;
  swapJob: number;
  leaseOut: boolean;
  /** The holder's last beat is too old. */
  silent: boolean;
  runOver: boolean;
  queueOver: boolean;
  expiryOver: boolean;
  /** `notBefore`: not set, ahead, or passed. */
  delay: 'none' | 'ahead' | 'over';
  spent: boolean;
  publications: number;
  settledAttempt: number;
  outOfMemory: number;
  due: 'no' | 'later' | 'now';
  isWaiting: boolean;
  hasTtl: boolean;
  isFinished: boolean;
  /** What was committed or went wrong, and by which attempt. */
  result: string;

  // Not in Redis: what the invariants ask.
  /** Lives that RETRY has given it. */
  life: number;
  /** Results committed in this life. */
  commits: number;
}

export interface ModelStore {
  jobs: ModelJob[];
  /** Sum of the owners' counts. */
  pending: number;
  /** What each client's idempotency key stands for; -1: nothing yet. */
  keys: number[];
  /** Tokens given so far. */
  tokens: number;
}

/** An attempt, as its worker knows it. */
export interface Ref {
  job: number;
  attempt: number;
  token: number;
  life: number;
}

/** What is asked for a worker. */
export type WorkerCall =
  | { script: 'claim'; job: number; worker: number; nonce: number; redelivered: boolean }
  | { script: 'beat'; ref: Ref }
  | { script: 'complete'; ref: Ref }
  | { script: 'fail'; ref: Ref; code: 'error' | 'out-of-memory'; again: boolean }
  | { script: 'release'; ref: Ref }
  | { script: 'settle'; job: number };

/** What is asked for an owner, by a sweeper or the janitor. */
export type OtherCall =
  | { script: 'accept'; client: number; job: number }
  | { script: 'published'; job: number; publication: number }
  | { script: 'reap'; job: number; mayPublish: boolean }
  | { script: 'cancel'; job: number }
  | { script: 'retry'; job: number }
  | { script: 'expire'; job: number };

export type Call = WorkerCall | OtherCall;

/** The word of a script, and what belongs to it. */
export interface Answer {
  word: string;
  /** With a granted claim. */
  ref?: Ref;
  /** With the order to publish. */
  publication?: number;
  /** With BUSY: asking again makes sense. */
  again?: boolean;
  /** With SAME to an ACCEPT. */
  job?: number;
}

export const jobOf = (call: Call): number => ('ref' in call ? call.ref.job : call.job);

export const isOpen = (job: ModelJob): boolean => job.status === 'queued' || job.status === 'processing';

export const isGone = (job: ModelJob): boolean => job.status === 'none' || job.status === 'expired';

export const isEnded = (job: ModelJob): boolean =>
  job.status === 'done' || job.status === 'failed' || job.status === 'cancelled';

/** Whether this attempt still speaks for the job. */
export const holds = (job: ModelJob, ref: Ref): boolean =>
  job.attempt === ref.attempt && job.token === ref.token;

export const emptyJob = (isUrgent: boolean): ModelJob => ({
  status: 'none',
  isUrgent,
  attempt: 0,
  tries: 0,
  token: 0,
  nonce: 0,
  swapNonce: 0,
  swapJob: 0,
  leaseOut: false,
  silent: false,
  runOver: false,
  queueOver: false,
  expiryOver: false,
  delay: 'none',
  spent: false,
  publications: 0,
  settledAttempt: 0,
  outOfMemory: 0,
  due: 'no',
  isWaiting: false,
  hasTtl: false,
  isFinished: false,
  result: '',
  life: 0,
  commits: 0,
});
