/** Finds a job for somebody who may see it; somebody else's job is as absent as one that never was. */
import type { VerifiedToken } from '@factorial/core/auth/verify-token';
import { AppError } from '@factorial/core/errors/app-error';
import type { JobRecord, Tombstone } from '@factorial/core/jobs/job-record';
import type { JobIntake } from '@factorial/core/jobs/job-store';

const notFound = () => new AppError('job-not-found', 'There is no job of this id, or it is not yours.');

const toTime = (ms: number): string => new Date(ms).toISOString();

const expired = (tombstone: Tombstone) =>
  new AppError('job-expired', 'The job has expired or was deleted; its data are gone.', {
    extensions: {
      task: tombstone.task,
      finalStatus: tombstone.status,
      createdAt: toTime(tombstone.createdAt),
      finishedAt: toTime(tombstone.finishedAt),
      expiredAt: toTime(tombstone.expiredAt),
    },
  });

export interface FindJobDeps {
  intake: JobIntake;
  /** Whether this caller may see everybody's jobs. */
  seesAll: (caller: VerifiedToken) => boolean;
}

/** @throws AppError 404 `job-not-found`, 410 `job-expired` with what the tombstone tells. */
export type FindJob = (caller: VerifiedToken, id: string) => Promise<JobRecord>;

export const createFindJob =
  ({ intake, seesAll }: FindJobDeps): FindJob =>
  async (caller, id) => {
    const found = await intake.find(id);
    if (found.kind === 'none') throw notFound();
    const { owner } = found.kind === 'job' ? found.job : found.tombstone;
    if (owner !== caller.subject && !seesAll(caller)) throw notFound();
    if (found.kind === 'tombstone') throw expired(found.tombstone);
    return found.job;
  };
