/** Signs a client's token with the key that the api itself checks by: the claims are those of the api's own `mint-token`. */
import { createHmac } from 'node:crypto';
import { UsageError } from './exit-codes.ts';

export interface TokenClaims {
  subject: string;
  issuer: string;
  audience: string;
  scopes: readonly string[];
  lifetimeSeconds: number;
}

const leastKeyBytes = 32;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** @param key the HS256 key. @throws UsageError where it is too short. */
export const mintToken = (key: string, claims: TokenClaims, nowMs: number): string => {
  if (Buffer.byteLength(key) < leastKeyBytes) {
    throw new UsageError(`The key has to have at least ${leastKeyBytes} bytes.`);
  }
  const issuedAt = Math.floor(nowMs / 1_000);
  const payload = {
    scope: claims.scopes.join(' '),
    sub: claims.subject,
    iss: claims.issuer,
    aud: claims.audience,
    iat: issuedAt,
    exp: issuedAt + claims.lifetimeSeconds,
  };
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
};
