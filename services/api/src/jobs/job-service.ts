/** All that the public port does with jobs, without a word of HTTP: the routes are a thin face over this. */
import type { VerifiedToken } from '@factorial/core/auth/verify-token';
import type { JobIntake, JobOutputs } from '@factorial/core/jobs/job-store';
import type { Clock } from '@factorial/core/time/clock';
import { createChangeJob, type ChangeJob } from './change-job.ts';
import { retryAfterSecondsFor, queuedEtaSeconds } from './eta.ts';
import { createFindJob, type FindJob } from './find-job.ts';
import type { FinishedNotifier } from './finished-notifier.ts';
import { createJobViewer, type JobViewer } from './job-view.ts';
import { listJobs, type JobPage, type ListQuery } from './list-jobs.ts';
import type { ReadPool } from './pool-readings.ts';
import { createSubmitJob, type SubmitJob, type SubmitJobDeps } from './submit-job.ts';
import { createWaitForJob, type WaitForJob } from './wait-for-job.ts';

export interface JobServiceDeps extends Omit<SubmitJobDeps, 'roomInSeconds'> {
  outputs: JobOutputs;
  notifier: FinishedNotifier;
  readPool: ReadPool;
  clock: Clock;
  seesAll: (caller: VerifiedToken) => boolean;
}

export interface JobService {
  submit: SubmitJob;
  find: FindJob;
  wait: WaitForJob;
  list: (query: ListQuery) => Promise<JobPage>;
  change: ChangeJob;
  view: JobViewer;
  outputs: JobOutputs;
}

/** A backlog has room when its next job is done, if nobody else is quicker. */
const roomEstimate = (readPool: ReadPool) => async (pool: string) =>
  retryAfterSecondsFor(queuedEtaSeconds(0, await readPool(pool)));

const listFrom = (intake: JobIntake) => async (query: ListQuery) => listJobs(intake, query);

export const createJobService = (deps: JobServiceDeps): JobService => {
  const roomInSeconds = roomEstimate(deps.readPool);
  const find = createFindJob(deps);
  return {
    submit: createSubmitJob({ ...deps, roomInSeconds }),
    find,
    wait: createWaitForJob(deps),
    list: listFrom(deps.intake),
    change: createChangeJob({ ...deps, find, roomInSeconds }),
    view: createJobViewer(deps),
    outputs: deps.outputs,
  };
};
