/** Reads a followed job's events for those who follow it: one reading a job at a time, again where it fails, and to the end. */
import { toError } from '@factorial/core/errors/to-error';
import type { JobEventLog } from '@factorial/core/jobs/redis-job-events';
import type { Logger } from '@factorial/core/ops/logger';
import { type FollowedJob, readAll } from './followed-job.ts';

export interface JobReaderDeps {
  log: Pick<JobEventLog, 'read' | 'hasEnded'>;
  logger: Logger;
}

export interface JobReader {
  /**
   * There may be news. Never rejects.
   * @returns whether all that had happened was told to those who have room.
   */
  look: (job: FollowedJob) => Promise<boolean>;
  /** The same, and ends the following of a job whose end no event tells of: it ended under an api that wrote none, or is gone. */
  lookForEnd: (job: FollowedJob) => Promise<void>;
}

const retryMs = 1_000;

export const createJobReader = ({ log, logger }: JobReaderDeps): JobReader => {
  let isFailing = false;

  /** An outage is told of once, not for each job and try. */
  const onFailed = (job: FollowedJob, error: unknown): void => {
    const level = isFailing ? 'debug' : 'warn';
    isFailing = true;
    logger[level]({ err: toError(error), jobId: job.id }, 'events could not be read, trying again');
    if (job.followers.size === 0) return;
    job.retry ??= setTimeout(() => {
      job.retry = undefined;
      void look(job);
    }, retryMs).unref();
  };

  const look = async (job: FollowedJob): Promise<boolean> => {
    job.isStale = true;
    if (job.isReading) return false;
    job.isReading = true;
    try {
      await readAll(log, job);
      isFailing = false;
      return true;
    } catch (error) {
      onFailed(job, error);
      return false;
    } finally {
      job.isReading = false;
      // Who came between the last page and this line has found us reading still.
      if (job.isStale && job.followers.size > 0) void look(job);
    }
  };

  const lookForEnd = async (job: FollowedJob): Promise<void> => {
    if (job.followers.size === 0) return;
    try {
      const hasEnded = await log.hasEnded(job.id);
      if (!(await look(job)) || !hasEnded || job.isReading) return;
      for (const follower of job.followers) if (!follower.isFull) follower.end('over');
    } catch (error) {
      logger.debug({ err: toError(error), jobId: job.id }, 'job could not be looked at');
    }
  };

  return { look, lookForEnd };
};
