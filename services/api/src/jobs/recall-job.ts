/** A request that is sent again under its idempotency key gets its job, also while new ones are refused. */
import { AppError } from '@factorial/core/errors/app-error';
import type { ErrorCode } from '@factorial/core/errors/error-catalogue';
import type { JobIntake, NewJob } from '@factorial/core/jobs/job-store';

/** They say that nothing was accepted, which has to hold for the key, not for this request alone. */
const refusals: ReadonlySet<ErrorCode> = new Set(['queue-unavailable', 'queue-full', 'store-full']);

export const keyReused = (): AppError =>
  new AppError('idempotency-key-reused', 'This idempotency key was used with another body; take a new one.');

/**
 * @param refusal what the request would be answered with.
 * @returns the id of the job that an earlier one has made; undefined where there is none.
 * @throws AppError 422 where that one had another body.
 */
export const recallJob = async (
  intake: JobIntake,
  { owner, idempotency }: Pick<NewJob, 'owner' | 'idempotency'>,
  refusal: unknown,
): Promise<string | undefined> => {
  if (idempotency === undefined || !(refusal instanceof AppError) || !refusals.has(refusal.code))
    return undefined;
  const outcome = await intake.recall(owner, idempotency);
  if (outcome.kind === 'conflict') throw keyReused();
  return outcome.kind === 'same' ? outcome.id : undefined;
};
