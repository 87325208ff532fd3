/** What may be done with jobs, by who may do it. Implemented on Redis in this folder; every method throws StoreError types (AppError 503) when Redis cannot answer. */
import type { OutcomeAnswer } from '../internal/protocol.ts';
import type { JobRecord, Priority, Tombstone } from './job-record.ts';
import type { FinalStatus, JobStatus } from './job-status.ts';
import type { Webhook } from './webhook.ts';

/** A client's key as it is stored, and a digest of the body that came with it. */
export interface Idempotency {
  key: string;
  fingerprint: string;
}

/** A job to be accepted. Durations in ms. */
export interface NewJob {
  id: string;
  task: string;
  pool: string;
  owner: string;
  input: unknown;
  priority: Priority;
  labels: Readonly<Record<string, string>>;
  maxAttempts: number;
  queueTimeoutMs: number;
  runTimeoutMs: number;
  /** How long the finished job is kept. */
  ttlMs: number;
  idempotency?: Idempotency;
  traceparent?: string;
  webhook?: Webhook;
}

export type AcceptOutcome =
  /** `createdAt` in ms by Redis's clock; `position` is the number of jobs ahead. */
  | { kind: 'accepted'; createdAt: number; position: number }
  /** The idempotency key was seen with the same body: this is the job it made. */
  | { kind: 'same'; id: string }
  | { kind: 'conflict' }
  | { kind: 'full' }
  | { kind: 'quota' };

export type RecallOutcome = Extract<AcceptOutcome, { kind: 'same' | 'conflict' }> | { kind: 'none' };

/** A job that has to be published. */
export interface Publication {
  id: string;
  pool: string;
  task: string;
  input: unknown;
  publication: number;
  traceparent?: string;
}

export type Found =
  | { kind: 'job'; job: JobRecord }
  | { kind: 'tombstone'; tombstone: Tombstone }
  | { kind: 'none' };

export type CancelOutcome =
  | { kind: 'cancelled'; was: JobStatus }
  | { kind: 'final'; status: JobStatus }
  | { kind: 'gone' };
export type RetryOutcome =
  | { kind: 'queued'; publication: Publication }
  | { kind: 'wrong-state'; status: JobStatus }
  | { kind: 'full' }
  | { kind: 'quota' }
  | { kind: 'gone' };
export type RemoveOutcome =
  | { kind: 'removed' }
  | { kind: 'wrong-state'; status: JobStatus }
  | { kind: 'gone' };

/** For the owner of jobs. Ownership itself is checked by the caller. */
export interface JobIntake {
  accept(job: NewJob): Promise<AcceptOutcome>;
  /** What `accept` would say of the key alone; also at Redis's memory limit. */
  recall(owner: string, idempotency: Idempotency): Promise<RecallOutcome>;
  find(id: string): Promise<Found>;
  /** Jobs ahead of this one in its pool; undefined when it does not wait there. */
  position(id: string, pool: string): Promise<number | undefined>;
  /** An owner's jobs from newest to oldest, below `before` (exclusive) where given. Ids whose record is gone are left out of `jobs`. */
  list(query: {
    owner: string;
    before?: number;
    limit: number;
  }): Promise<{ jobs: JobRecord[]; next?: number }>;
  cancel(id: string): Promise<CancelOutcome>;
  retry(id: string): Promise<RetryOutcome>;
  remove(id: string): Promise<RemoveOutcome>;
}

export interface Attempt {
  id: string;
  attempt: number;
  token: string;
}

export type ClaimResult =
  | {
      kind: 'ok';
      id: string;
      attempt: number;
      token: string;
      task: string;
      input: unknown;
      runTimeoutMs: number;
      traceparent?: string;
    }
  | { kind: 'busy'; retryAfterMs: number }
  | { kind: 'terminal'; status: FinalStatus }
  | { kind: 'gone' }
  /** The pool starts no job at present. */
  | { kind: 'paused' };

/** An output ready to be stored. */
export interface StoredOutput {
  payload: Buffer;
  encoding: 'identity' | 'gzip';
  mediaType: string;
  /** Size before compression. */
  bytes: number;
  /** Digest of the bytes before compression: tells a repeated commit from another one. */
  hash: string;
}

/** What an attempt has to say while it runs. */
export interface Said {
  /** 0 to 1. */
  value: number;
  message: string;
  /** Bytes of log and output that this attempt has said before: what is said twice is known by it. */
  before: number;
  log: string;
  output: string;
}

/** For workers, by way of the internal port. */
export interface JobLeases {
  claim(claim: {
    id: string;
    pool: string;
    worker: string;
    nonce: string;
    redelivered: boolean;
  }): Promise<ClaimResult>;
  beat(attempt: Attempt): Promise<'ok' | 'lost' | 'cancel'>;
  /** Nothing happens when the attempt is not the current one. */
  progress(attempt: Attempt, said: Said): Promise<void>;
  complete(attempt: Attempt, output: StoredOutput | 'staged'): Promise<OutcomeAnswer>;
  /** `retryAfterMs` undefined: the end. */
  fail(
    attempt: Attempt,
    error: { code: string; message: string },
    retryAfterMs?: number,
  ): Promise<OutcomeAnswer>;
  release(attempt: Attempt): Promise<OutcomeAnswer>;
  /** The update of a worker that never claims: claims and ends the job in one step if nobody holds it. */
  settle(
    id: string,
    result: { status: 'done'; output: StoredOutput } | { status: 'failed'; message: string },
  ): Promise<OutcomeAnswer>;
}

export interface JobOutputs {
  /** Keeps a large output until its attempt is completed with 'staged'; a second one replaces the first. */
  stage(attempt: Attempt, output: StoredOutput): Promise<OutcomeAnswer>;
  /** The bytes as stored: the record tells encoding and media type. Undefined when there are none. */
  read(id: string): Promise<Buffer | undefined>;
}

export type ReapOutcome =
  | { kind: 'publish'; publication: Publication }
  | { kind: 'wait' }
  | { kind: 'failed'; reason: string }
  | { kind: 'drop' };

/** For the sweeper. */
export interface DueJobs {
  /** Ids whose time has come, earliest first. */
  due(limit: number): Promise<string[]>;
  reap(id: string, mayPublish: boolean): Promise<ReapOutcome>;
  /** Looks at this job again later, whatever it is. */
  putOff(id: string): Promise<void>;
  /** The broker has confirmed these publications: look again later. */
  published(confirmed: readonly Pick<Publication, 'id' | 'publication'>[]): Promise<void>;
  waiting(pool: string): Promise<number>;
  pools(): Promise<string[]>;
  /** Changes when Redis was restarted. */
  runId(): Promise<string>;
}

/** For the janitor. Sizes in bytes. */
export interface JobRetention {
  /** Finished jobs whose time has passed, oldest first. */
  expired(limit: number): Promise<string[]>;
  expire(
    id: string,
    when: 'due' | 'now',
  ): Promise<{ kind: 'expired'; bytes: number } | { kind: 'waiting' | 'wrong-state' | 'gone' }>;
  usedBytes(): Promise<number>;
  /** Finished jobs nearest to their expiry with their sizes. */
  oldestFinished(limit: number): Promise<{ id: string; bytes: number; expiresAt: number }[]>;
}
