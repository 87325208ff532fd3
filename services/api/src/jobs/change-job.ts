/** What an owner may do to a job that is there: cancel, run again, delete. */
import type { VerifiedToken } from '@factorial/core/auth/verify-token';
import { AppError } from '@factorial/core/errors/app-error';
import { assertNever } from '@factorial/core/errors/assert-never';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import type { JobStatus } from '@factorial/core/jobs/job-status';
import type { JobIntake } from '@factorial/core/jobs/job-store';
import type { JobPublisher } from '@factorial/core/queue/job-queue';
import type { Dispatcher } from './dispatch.ts';
import type { FindJob } from './find-job.ts';
import { refuseFull, requireBroker, requireRoom, type SubmitJobDeps } from './submit-job.ts';

export interface ChangeJobDeps {
  intake: JobIntake;
  find: FindJob;
  publisher: JobPublisher;
  dispatcher: Dispatcher;
  roomInSeconds: SubmitJobDeps['roomInSeconds'];
}

export interface ChangeJob {
  cancel(caller: VerifiedToken, id: string): Promise<JobRecord>;
  retry(caller: VerifiedToken, id: string): Promise<JobRecord>;
  remove(caller: VerifiedToken, id: string): Promise<void>;
}

const wrongState = (status: JobStatus, advice: string) =>
  new AppError('wrong-state', `The job is ${status}; ${advice}.`, { extensions: { jobStatus: status } });

/** The job went between our look and our change: a second look tells how. */
const lookAgain = async ({ find }: ChangeJobDeps, caller: VerifiedToken, id: string): Promise<JobRecord> => {
  const job = await find(caller, id);
  throw wrongState(job.status, 'it changed meanwhile, try again');
};

const cancel = async (deps: ChangeJobDeps, caller: VerifiedToken, id: string): Promise<JobRecord> => {
  await deps.find(caller, id);
  const outcome = await deps.intake.cancel(id);
  switch (outcome.kind) {
    case 'cancelled':
      return deps.find(caller, id);
    case 'final':
      throw wrongState(outcome.status, 'only a queued or running job can be cancelled');
    case 'gone':
      return lookAgain(deps, caller, id);
    default:
      return assertNever(outcome);
  }
};

const retry = async (deps: ChangeJobDeps, caller: VerifiedToken, id: string): Promise<JobRecord> => {
  requireBroker(deps.publisher);
  const { pool } = await deps.find(caller, id);
  await requireRoom(deps, pool);
  const outcome = await deps.intake.retry(id);
  switch (outcome.kind) {
    case 'queued':
      void deps.dispatcher.dispatch(outcome.publication);
      return deps.find(caller, id);
    case 'wrong-state':
      throw wrongState(outcome.status, 'only a failed or cancelled job can be run again');
    case 'full':
    case 'quota':
      return refuseFull(outcome.kind, pool, deps.roomInSeconds);
    case 'gone':
      return lookAgain(deps, caller, id);
    default:
      return assertNever(outcome);
  }
};

const remove = async (deps: ChangeJobDeps, caller: VerifiedToken, id: string): Promise<void> => {
  await deps.find(caller, id);
  const outcome = await deps.intake.remove(id);
  switch (outcome.kind) {
    case 'removed':
    case 'gone':
      return;
    case 'wrong-state':
      throw wrongState(outcome.status, 'cancel it before you delete it');
    default:
      assertNever(outcome);
  }
};

/** Each throws AppError 404, 410, or 409 `wrong-state`. */
export const createChangeJob = (deps: ChangeJobDeps): ChangeJob => ({
  cancel: async (caller, id) => cancel(deps, caller, id),
  retry: async (caller, id) => retry(deps, caller, id),
  remove: async (caller, id) => remove(deps, caller, id),
});
