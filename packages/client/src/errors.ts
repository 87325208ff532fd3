/** What the client throws, and what of it a program can decide by. */
import type { Job, Problem } from './api-types.ts';

/** Codes of the client's own: nothing that could be understood was answered. Others are those of docs/errors.md. */
export type ClientErrorCode = 'unreachable' | 'timeout' | 'unexpected-answer' | 'wait-timeout';

export interface FactorialErrorFields {
  /** A code of docs/errors.md, or one of `ClientErrorCode`. */
  code: string;
  /** Of the HTTP answer; 0 where there was none. */
  status: number;
  title?: string | undefined;
  /** Seconds after which the same request may be answered otherwise. */
  retryAfterSeconds?: number | undefined;
  /** Fault by fault: a JSON pointer into the body or the name of a parameter, and the rule. */
  errors?: Problem['errors'] | undefined;
  /** Under this id the server's log has the request. */
  requestId?: string | undefined;
  /** The whole problem document, with what belongs to its kind: `knownTasks`, `jobStatus` and so on. */
  problem?: Problem | undefined;
  cause?: unknown;
}

/** A request that was refused or never answered. */
export class FactorialError extends Error {
  override readonly name: string = 'FactorialError';
  readonly code: string;
  readonly status: number;
  readonly title: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly errors: Problem['errors'] | undefined;
  readonly requestId: string | undefined;
  readonly problem: Problem | undefined;
  /** How often the request was sent before this was given up. */
  tries = 1;

  constructor(message: string, fields: FactorialErrorFields) {
    super(message, fields.cause === undefined ? {} : { cause: fields.cause });
    this.code = fields.code;
    this.status = fields.status;
    this.title = fields.title;
    this.retryAfterSeconds = fields.retryAfterSeconds;
    this.errors = fields.errors;
    this.requestId = fields.requestId;
    this.problem = fields.problem;
  }
}

const howItEnded = ({ id, status, error }: Job): string =>
  `job ${id} ended as ${status}${error === undefined ? '' : `: ${error.message} (${error.code})`}`;

/** A job that ended in another way than done. */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError';
  readonly job: Job;
  /** The job's error code, else its state. */
  readonly code: string;
  readonly retryable: boolean;

  constructor(job: Job) {
    super(howItEnded(job));
    this.job = job;
    this.code = job.error?.code ?? job.status;
    this.retryable = job.error?.retryable ?? false;
  }
}
