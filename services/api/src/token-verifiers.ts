/** Whose tokens each port takes: clients' on the public one, workers' and the scaler's on the internal one. */
import { readFile } from 'node:fs/promises';
import { keyFromSecret, keysFromJwks, type VerificationKey } from '@factorial/core/auth/verification-keys';
import { createTokenVerifier, type VerifyToken } from '@factorial/core/auth/verify-token';
import type { Config } from './config.ts';

const internalAudience = 'factorial-internal';

const clientKeys = async ({ JWT_SECRET, JWT_JWKS_FILE }: Config): Promise<VerificationKey[]> => [
  ...(JWT_SECRET === undefined ? [] : [await keyFromSecret(JWT_SECRET)]),
  ...(JWT_JWKS_FILE === undefined ? [] : await keysFromJwks(await readFile(JWT_JWKS_FILE, 'utf8'))),
];

export interface TokenVerifiers {
  clients: VerifyToken;
  internal: VerifyToken;
}

/** @throws Error when a key cannot be used. */
export const createTokenVerifiers = async (config: Config): Promise<TokenVerifiers> => {
  const issuer = config.JWT_ISSUER;
  const keys = [await keyFromSecret(config.INTERNAL_JWT_SECRET)];
  return {
    clients: createTokenVerifier({ keys: await clientKeys(config), issuer, audience: config.JWT_AUDIENCE }),
    internal: createTokenVerifier({ keys, issuer, audience: internalAudience }),
  };
};
