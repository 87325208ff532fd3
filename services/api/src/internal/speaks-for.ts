/** A worker whose token is bound to its pod speaks for itself and for its own pool. Tokens of a shared key are bound to nothing. */
import { AppError } from '@factorial/core/errors/app-error';
import type { Caller } from '../http/middleware/authenticate.ts';

/** @throws AppError `forbidden` when the token is that of another worker. */
export const requireWorker = ({ binding }: Caller, worker: string): void => {
  if (binding === undefined || binding.worker === worker) return;
  throw new AppError('forbidden', `The token is that of worker ${binding.worker}, and of no other.`);
};

/** @throws AppError `forbidden` when the token is that of a worker of another pool. */
export const requirePool = ({ binding }: Caller, pool: string): void => {
  if (binding === undefined || binding.pool === pool) return;
  throw new AppError(
    'forbidden',
    `The token is that of a worker of the pool ${binding.pool}, and of no other.`,
  );
};

/** @throws AppError `forbidden` when the token is that of a service account: it is bound to a worker. */
export const requireUnbound = ({ binding }: Caller): void => {
  if (binding === undefined) return;
  throw new AppError(
    'forbidden',
    'This way is closed to service accounts: claim the job, and tell its outcome with the token of the attempt.',
  );
};
