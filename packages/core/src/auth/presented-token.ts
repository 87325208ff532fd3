/**
 * What a service account's token says of itself, before anybody has looked at its signature: not enough to let it in, but enough to
 * refuse what cannot be good, without asking anyone.
 */
import { decodeJwt, type JWTPayload } from 'jose';
import { AppError } from '../errors/app-error.ts';
import { serviceAccountOf, type ServiceAccountCaller } from './service-account.ts';
import { clockToleranceSeconds, longestTokenChars } from './token-limits.ts';

export interface PresentedToken {
  caller: ServiceAccountCaller;
  expiresAtMs: number;
}

const decode = (token: string): JWTPayload | undefined => {
  if (token.length > longestTokenChars) return undefined;
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
};

/** @throws AppError `unauthorized` when it cannot be good; `forbidden` when it is that of no service account. */
export const readPresented = (
  token: string,
  { audience, nowMs }: { audience: string; nowMs: number },
): PresentedToken => {
  const claims = decode(token);
  if (claims === undefined) throw new AppError('unauthorized', 'the token is not valid');
  if (![claims.aud].flat().includes(audience)) {
    throw new AppError('unauthorized', "the token's claim aud is not as it has to be");
  }
  const expiresAtMs = (claims.exp ?? 0) * 1_000;
  if (expiresAtMs + clockToleranceSeconds * 1_000 <= nowMs)
    throw new AppError('unauthorized', 'the token has expired');
  return { caller: serviceAccountOf(claims), expiresAtMs };
};
