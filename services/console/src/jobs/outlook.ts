/** Where a job stands, in few words. */
import { assertNever } from '@factorial/core/errors/assert-never';
import type { Job } from '../api/schemas.ts';
import { bytes, count, duration } from '../ui/format.ts';

const soon = (etaSeconds: number | undefined): string => {
  if (etaSeconds === undefined) return '';
  return etaSeconds < 1 ? ' · done soon' : ` · done in about ${duration(etaSeconds)}`;
};

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
  return seconds === undefined ? `Done${size}` : `Took ${duration(seconds)}${size}`;
};

/** One that takes longer than runs usually do has no estimate any more. */
const running = ({ progress, etaSeconds }: Job): string => {
  const left = etaSeconds === undefined || etaSeconds < 1 ? '' : `done in about ${duration(etaSeconds)}`;
  const words = [progress?.message ?? '', left].filter((part) => part !== '').join(' · ');
  return progress?.message ? words : words.replace(/^d/, 'D');
};

export const outlook = (job: Job): string => {
  switch (job.status) {
    case 'queued':
      return `${place(job.position)}${soon(job.etaSeconds)}`;
    case 'processing':
      return running(job);
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
