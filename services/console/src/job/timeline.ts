/** The steps of a job in words, with their times. */
import { assertNever } from '@factorial/core/errors/assert-never';
import { isFinal } from '@factorial/core/jobs/job-status';
import type { JobEvent } from '../api/job-events.ts';
import type { Job } from '../api/schemas.ts';
import { bytes, sentence } from '../ui/format.ts';
import type { IconName } from '../ui/icon.tsx';
import type { Story } from './story.ts';

export interface Step {
  icon: IconName;
  title: string;
  detail: string;
  atMs: number;
  /** Since the step before; undefined for the first. */
  afterMs: number | undefined;
}

type Words = Omit<Step, 'atMs' | 'afterMs'>;
type Queued = Extract<JobEvent, { type: 'queued' }>['data'];

const queuedTitle = ({ reason, attempt }: Queued): string => {
  switch (reason) {
    case 'accepted':
      return 'Accepted, in the queue';
    case 'retried':
      return 'Sent again, in the queue';
    case 'failed':
      return `Attempt ${attempt} failed, in the queue again`;
    case 'released':
      return `Attempt ${attempt} given back by its worker, in the queue again`;
    case 'worker-lost':
      return `Worker of attempt ${attempt} lost, in the queue again`;
    default:
      return 'In the queue';
  }
};

const clock = (time: string): string => new Date(time).toLocaleTimeString('en-GB');

const queuedDetail = ({ error, notBefore }: Queued): string => {
  const why = error === undefined ? '' : error.message || error.code;
  if (notBefore === undefined) return why;
  return `${sentence(why)} Next not before ${clock(notBefore)}.`.trimStart();
};

const wordsFor = (event: JobEvent): Words => {
  switch (event.type) {
    case 'queued':
      return { icon: 'queued', title: queuedTitle(event.data), detail: queuedDetail(event.data) };
    case 'started':
      return { icon: 'processing', title: `Attempt ${event.data.attempt} started`, detail: '' };
    case 'done':
      return {
        icon: 'done',
        title: 'Done',
        detail: `${bytes(event.data.outputBytes)} of ${event.data.outputMediaType}`,
      };
    case 'failed':
      return { icon: 'failed', title: 'Failed', detail: event.data.error.message || event.data.error.code };
    case 'cancelled':
      return { icon: 'cancelled', title: 'Cancelled', detail: '' };
    case 'progress':
    case 'log':
    case 'output':
      return { icon: 'live', title: event.type, detail: '' };
    default:
      return assertNever(event);
  }
};

const withDistances = (steps: readonly Omit<Step, 'afterMs'>[]): Step[] =>
  steps.map((step, index) => {
    const before = steps[index - 1];
    return { ...step, afterMs: before === undefined ? undefined : Math.max(0, step.atMs - before.atMs) };
  });

const stepFor = (event: JobEvent): Omit<Step, 'afterMs'> => ({
  ...wordsFor(event),
  atMs: Date.parse(event.data.at),
});

const isAcceptance = (event: JobEvent): boolean =>
  event.type === 'queued' && event.data.reason === 'accepted';

const acceptance = (job: Job, detail: string): Omit<Step, 'afterMs'> => ({
  icon: 'queued',
  title: 'Accepted, in the queue',
  detail,
  atMs: Date.parse(job.createdAt),
});

const endIcons = { done: 'done', failed: 'failed', cancelled: 'cancelled' } as const;
const endTitles = { done: 'Done', failed: 'Failed', cancelled: 'Cancelled' } as const;

/** Without events a job still knows when it began and ended. */
const fromJobAlone = (job: Job): Omit<Step, 'afterMs'>[] => {
  const { startedAt, finishedAt, status, attempt } = job;
  const steps = [acceptance(job, '')];
  if (startedAt !== null) {
    const title = `Attempt ${attempt} started`;
    steps.push({ icon: 'processing', title, detail: '', atMs: Date.parse(startedAt) });
  }
  if (finishedAt !== null && isFinal(status)) {
    const detail = job.error?.message ?? '';
    steps.push({ icon: endIcons[status], title: endTitles[status], detail, atMs: Date.parse(finishedAt) });
  }
  return steps;
};

/** Of a job with very many events the oldest are not kept; when it was accepted is known all the same. */
export const timelineOf = (job: Job, { milestones }: Story): Step[] => {
  if (milestones.length === 0) return withDistances(fromJobAlone(job));
  const steps = milestones.map(stepFor);
  return withDistances(
    milestones.some(isAcceptance) ? steps : [acceptance(job, 'What came next is not kept.'), ...steps],
  );
};
