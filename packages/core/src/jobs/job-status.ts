/** The states of a job and what moves it between them. The Lua scripts enforce the same table inside Redis; a test compares the two. */
import { assertNever } from '../errors/assert-never.ts';

export const jobStatuses = ['queued', 'processing', 'done', 'failed', 'cancelled', 'expired'] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const finalStatuses = ['done', 'failed', 'cancelled'] as const satisfies readonly JobStatus[];
export type FinalStatus = (typeof finalStatuses)[number];

export const jobEvents = [
  'claim',
  'beat',
  'complete',
  'fail',
  'release',
  'requeue',
  'cancel',
  'retry',
  'expire',
] as const;
export type JobEvent = (typeof jobEvents)[number];

/** Of a status, or of an event that is named as the status it leads to. */
export const isFinal = (status: string): status is FinalStatus =>
  finalStatuses.some((final) => final === status);

const fromQueued = (event: JobEvent): JobStatus | undefined => {
  switch (event) {
    case 'claim':
      return 'processing';
    // The holder of the current attempt whose lease ran out takes it up again, if nobody else has claimed.
    case 'beat':
      return 'processing';
    case 'complete':
      return 'done';
    case 'fail':
      return 'failed';
    case 'cancel':
      return 'cancelled';
    case 'release':
      return 'queued';
    case 'requeue':
    case 'retry':
    case 'expire':
      return undefined;
    default:
      return assertNever(event);
  }
};

const fromProcessing = (event: JobEvent): JobStatus | undefined => {
  switch (event) {
    case 'beat':
      return 'processing';
    case 'complete':
      return 'done';
    case 'fail':
      return 'failed';
    case 'release':
    case 'requeue':
      return 'queued';
    case 'cancel':
      return 'cancelled';
    // A broken connection lets another worker take the job before its lease is out.
    case 'claim':
      return 'processing';
    case 'retry':
    case 'expire':
      return undefined;
    default:
      return assertNever(event);
  }
};

/** The status after the event, or undefined where the event is not allowed. */
export const nextStatus = (status: JobStatus, event: JobEvent): JobStatus | undefined => {
  switch (status) {
    case 'queued':
      return fromQueued(event);
    case 'processing':
      return fromProcessing(event);
    case 'done':
      return event === 'expire' ? 'expired' : undefined;
    case 'failed':
    case 'cancelled':
      if (event === 'expire') return 'expired';
      return event === 'retry' ? 'queued' : undefined;
    case 'expired':
      return undefined;
    default:
      return assertNever(status);
  }
};
