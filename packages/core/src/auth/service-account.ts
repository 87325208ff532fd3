/** Whom a token of a Kubernetes service account names. */
import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';

export interface ServiceAccountCaller {
  /** `<namespace>/<service account>`. */
  account: string;
  /** The pod that the token was made for; absent in tokens that are bound to none. */
  pod?: string;
}

const accountPattern = /^system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)$/;

/** Kubernetes's own claim in the tokens that it signs. */
const boundClaimSchema = z.object({
  'kubernetes.io': z.object({ pod: z.object({ name: z.string().min(1) }).optional() }).optional(),
});

/**
 * @param username `system:serviceaccount:<namespace>:<name>`, from the claim `sub` or from a review.
 * @throws AppError `forbidden` when it is no service account.
 */
export const toServiceAccount = (username: string, pod?: string): ServiceAccountCaller => {
  const [, namespace, name] = accountPattern.exec(username) ?? [];
  if (namespace === undefined || name === undefined) {
    throw new AppError('forbidden', 'The token is not that of a service account.');
  }
  return { account: `${namespace}/${name}`, ...(pod === undefined ? {} : { pod }) };
};

/** @param claims of a token whose signature, issuer, audience and time were found good. */
export const serviceAccountOf = (claims: { sub?: string | undefined }): ServiceAccountCaller => {
  const bound = boundClaimSchema.safeParse(claims).data?.['kubernetes.io']?.pod?.name;
  return toServiceAccount(claims.sub ?? '', bound);
};
