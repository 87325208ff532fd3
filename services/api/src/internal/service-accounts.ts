/** Which service accounts of the cluster may speak on the internal port, and as what. */
import type { ServiceAccountCaller } from '@factorial/core/auth/service-account';
import type { VerifiedToken } from '@factorial/core/auth/verify-token';
import { json, slug } from '@factorial/core/config/fields';
import { AppError } from '@factorial/core/errors/app-error';
import { assertNever } from '@factorial/core/errors/assert-never';
import { z } from 'zod';

const roleSchema = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('worker'), pool: slug() }),
  z.strictObject({ scope: z.literal('scaler') }),
]);
type Role = z.output<typeof roleSchema>;

const account = z
  .string()
  .regex(/^[a-z0-9-]{1,63}\/[a-z0-9.-]{1,253}$/, 'has to be <namespace>/<service account>');

const serviceAccountsSchema = z
  .record(account, roleSchema)
  .refine((roles) => Object.keys(roles).length > 0, 'has to name an account');
export type ServiceAccounts = Readonly<Record<string, Role>>;

/** For the configuration: a JSON object, `{"<namespace>/<service account>": {"scope": "worker", "pool": "<pool>"}}`. */
export const serviceAccounts = () => json().pipe(serviceAccountsSchema);

const workerOf = (pool: string, { account, pod }: ServiceAccountCaller): VerifiedToken => {
  if (pod === undefined) throw new AppError('forbidden', "A worker's token has to be bound to its pod.");
  return { subject: account, scopes: new Set(['worker']), binding: { worker: pod, pool } };
};

/** @throws AppError `forbidden` for an account that has no part here. */
export const callerOf = (accounts: ServiceAccounts, caller: ServiceAccountCaller): VerifiedToken => {
  const role = Object.hasOwn(accounts, caller.account) ? accounts[caller.account] : undefined;
  if (role === undefined) {
    throw new AppError(
      'forbidden',
      `The service account ${caller.account} has no part in this installation.`,
    );
  }
  switch (role.scope) {
    case 'worker':
      return workerOf(role.pool, caller);
    case 'scaler':
      return { subject: caller.account, scopes: new Set(['scaler']) };
    default:
      return assertNever(role);
  }
};
