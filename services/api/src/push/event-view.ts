/** An event of a job as clients are told it, and its id as they send it back. */
import { AppError } from '@factorial/core/errors/app-error';
import { type JobEvent, type JobEventType, timeOf } from '@factorial/core/jobs/job-event';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import { isFinal } from '@factorial/core/jobs/job-status';

export interface EventView {
  id: string;
  event: JobEventType;
  /** `attempt` and `at`, and what this kind of event tells besides. */
  data: Readonly<Record<string, unknown>>;
}

/** So much of a job's id stands in its events' ids that one of another job is told apart. */
const markOf = (jobId: string): string => jobId.slice(0, 8);

const toTime = (ms: number): string => new Date(ms).toISOString();

export const toEventView = (jobId: string, { id, type, attempt, data }: JobEvent): EventView => {
  const { notBeforeMs, ...rest } = { notBeforeMs: undefined, ...data };
  return {
    id: `${id}.${markOf(jobId)}`,
    event: type,
    data: {
      attempt,
      at: toTime(timeOf(id)),
      ...rest,
      ...(notBeforeMs === undefined ? {} : { notBefore: toTime(notBeforeMs) }),
    },
  };
};

const eventIdPattern = /^(\d{1,15}-\d{1,10})\.(.{1,8})$/;

/** @returns the id within the job's events. @throws AppError 400 `invalid-event-id`. */
export const parseEventId = (jobId: string, text: string): string => {
  const [, id, mark] = eventIdPattern.exec(text) ?? [];
  if (id === undefined) {
    throw new AppError('invalid-event-id', 'The id of the last event is none that this API gives out.');
  }
  if (mark !== markOf(jobId)) {
    throw new AppError('invalid-event-id', 'The id of the last event is one of another job.');
  }
  return id;
};

const lastDataOf = (job: JobRecord): Readonly<Record<string, unknown>> => {
  if (job.status === 'done') return { outputBytes: job.outputBytes, outputMediaType: job.outputMediaType };
  if (job.status === 'cancelled') return {};
  const { errorCode: code, errorMessage: message, errorRetryable } = job;
  return { error: { code, message, retryable: errorRetryable === '1' } };
};

/** The last event of a job that ended without one: under an api that wrote no events, or they are gone. */
export const endOf = (job: JobRecord): EventView => {
  const { id, status, attempt, finishedAt = job.createdAt } = job;
  if (!isFinal(status)) throw new Error(`a job that is ${status} has no last event`);
  return {
    id: `${finishedAt}-0.${markOf(id)}`,
    event: status,
    data: { attempt, at: toTime(finishedAt), ...lastDataOf(job) },
  };
};
