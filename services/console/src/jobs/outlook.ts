/** Where a job stands, in few words. */
import { assertNever } from '@factorial/core/errors/assert-never';
import type { Job } from '../api/schemas.ts';
import { bytes, count, duration, elapsed } from '../ui/format.ts';

/** One that is due, or overdue, has no estimate any more. */
const left = (etaSeconds: number | undefined): string =>
  etaSeconds === undefined || etaSeconds < 1 ? '' : `about ${duration(etaSeconds)} left`;

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' · ');

const place = (position: number | undefined): string => {
  if (position === undefined) return 'Waits';
  return position === 0 ? 'Next in line' : `${count(position)} ahead`;
};

const runSeconds = ({ startedAt, finishedAt }: Job): number | undefined =>
  startedAt === null || finishedAt === null
    ? undefined
    : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000;

const doneIn = (job: Job): string => {
  const seconds = runSeconds(job);
  const size = job.outputBytes === null ? '' : ` · ${bytes(job.outputBytes)}`;
  return seconds === undefined ? `Done${size}` : `Took ${elapsed(seconds)}${size}`;
};

export const outlook = (job: Job): string => {
  switch (job.status) {
    case 'queued':
      return joined(place(job.position), left(job.etaSeconds));
    case 'processing':
      return joined(job.progress?.message ?? '', left(job.etaSeconds));
    case 'done':
      return doneIn(job);
    case 'failed':
      return job.error === undefined ? 'Failed' : job.error.message || job.error.code;
    case 'cancelled':
      return 'Cancelled';
    case 'expired':
      return 'Its data are deleted';
    default:
      return assertNever(job.status);
  }
};
