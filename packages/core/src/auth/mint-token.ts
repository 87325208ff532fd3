/** Signs tokens with a shared key: for `make run`, the command line and tests. Who verifies them is `verify-token.ts`. */
import { SignJWT } from 'jose';

export interface TokenToMint {
  subject: string;
  issuer: string;
  audience: string;
  scopes: readonly string[];
  /** Milliseconds since the epoch. */
  nowMs: number;
  lifetimeSeconds: number;
}

/** @param secret the HS256 key, at least 32 bytes in UTF-8. */
export const mintToken = async (secret: string, token: TokenToMint): Promise<string> => {
  const nowSeconds = Math.floor(token.nowMs / 1_000);
  return new SignJWT({ scope: token.scopes.join(' ') })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(token.subject)
    .setIssuer(token.issuer)
    .setAudience(token.audience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + token.lifetimeSeconds)
    .sign(new TextEncoder().encode(secret));
};
