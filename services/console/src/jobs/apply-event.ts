/**
 * What an event changes of a job in the list, before the list is read again. A subscription may begin with events of long ago:
 * they come in order, so that after the last of them the job is as it is now.
 */
import { assertNever } from '@factorial/core/errors/assert-never';
import { isFinal } from '@factorial/core/jobs/job-status';
import type { JobEvent } from '../api/job-events.ts';
import type { Job } from '../api/schemas.ts';

type Change = Partial<Job>;

const started = ({ attempt }: { attempt: number }): Change => ({
  status: 'processing',
  attempt,
  position: undefined,
  etaSeconds: undefined,
  statusDetail: undefined,
  progress: undefined,
});

const ended = (status: Job['status'], at: string): Change => ({
  status,
  finishedAt: at,
  position: undefined,
  etaSeconds: undefined,
});

const changeBy = (job: Job, event: JobEvent): Change => {
  const { type, data } = event;
  switch (type) {
    case 'queued':
      return { status: 'queued', progress: undefined, finishedAt: null, error: undefined };
    case 'started':
      return started(data);
    case 'progress':
      return job.status === 'processing' ? { progress: { value: data.value, message: data.message } } : {};
    case 'failed':
      return { ...ended('failed', data.at), error: data.error };
    case 'done':
    case 'cancelled':
      return ended(type, data.at);
    case 'log':
    case 'output':
      return {};
    default:
      return assertNever(event);
  }
};

/** An event of an attempt before the one that the job is in tells nothing new. */
export const applyEvent = (job: Job, event: JobEvent): Job => {
  const isOld = event.data.attempt < job.attempt || (isFinal(job.status) && event.type === 'progress');
  return isOld ? job : { ...job, ...changeBy(job, event) };
};
