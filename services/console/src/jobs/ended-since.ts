/** Which jobs have come to their end between two looks at the list, in words for a screen reader. */
import { isFinal } from '@factorial/core/jobs/job-status';
import type { Job } from '../api/schemas.ts';
import { counted } from '../ui/format.ts';
import { statusWords } from '../ui/status-badge.tsx';

const hasEnded = (job: Job, before: ReadonlyMap<string, Job['status']>): boolean => {
  const status = before.get(job.id);
  return status !== undefined && !isFinal(status) && isFinal(job.status);
};

const wordsFor = (ended: readonly Job[]): string => {
  const byStatus = Map.groupBy(ended, ({ status }) => status);
  return [...byStatus]
    .map(([status, jobs]) => `${counted(jobs.length, 'job')} ${statusWords[status].toLowerCase()}`)
    .join(', ');
};

/** @param before states by id. @returns undefined when nothing has ended. */
export const endedSince = (
  before: ReadonlyMap<string, Job['status']>,
  now: readonly Job[],
): string | undefined => {
  const ended = now.filter((job) => hasEnded(job, before));
  return ended.length === 0 ? undefined : wordsFor(ended);
};
