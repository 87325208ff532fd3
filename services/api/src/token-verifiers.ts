/** Whose tokens each port takes: clients' on the public one, workers' and the scaler's on the internal one. */
import { readFile } from 'node:fs/promises';
import { createFixedKeys } from '@factorial/core/auth/token-keys';
import { keyFromSecret, keysFromJwks, type VerificationKey } from '@factorial/core/auth/verification-keys';
import { algorithmOf, createTokenVerifier, type VerifyToken } from '@factorial/core/auth/verify-token';
import { AppError } from '@factorial/core/errors/app-error';
import type { Config } from './config.ts';
import {
  createClusterIdentity,
  type ClusterIdentity,
  type ClusterIdentityDeps,
} from './internal/cluster-identity.ts';

const internalAudience = 'factorial-internal';
const sharedKeyAlgorithm = 'HS256';

const clientKeys = async ({ JWT_SECRET, JWT_JWKS_FILE }: Config): Promise<VerificationKey[]> => [
  ...(JWT_SECRET === undefined ? [] : [await keyFromSecret(JWT_SECRET)]),
  ...(JWT_JWKS_FILE === undefined ? [] : await keysFromJwks(await readFile(JWT_JWKS_FILE, 'utf8'))),
];

export interface TokenVerifiers {
  clients: VerifyToken;
  internal: VerifyToken;
  /** Where tokens of service accounts are taken. */
  cluster: ClusterIdentity | undefined;
}

export type TokenVerifiersDeps = Omit<ClusterIdentityDeps, 'audience'>;

const refuseAll: VerifyToken = async () =>
  Promise.reject(new AppError('unauthorized', 'tokens of this kind are not taken here'));

const bySharedKey = async ({ INTERNAL_JWT_SECRET, JWT_ISSUER }: Config): Promise<VerifyToken> => {
  if (INTERNAL_JWT_SECRET === undefined) return refuseAll;
  const keys = createFixedKeys({ issuer: JWT_ISSUER, keys: [await keyFromSecret(INTERNAL_JWT_SECRET)] });
  return createTokenVerifier({ keys, audience: internalAudience });
};

/** @throws Error when a key cannot be used. */
export const createTokenVerifiers = async (deps: TokenVerifiersDeps): Promise<TokenVerifiers> => {
  const { config } = deps;
  const cluster = createClusterIdentity({ ...deps, audience: internalAudience });
  const [shared, ofCluster] = [await bySharedKey(config), cluster?.verify ?? refuseAll];
  const keys = createFixedKeys({ issuer: config.JWT_ISSUER, keys: await clientKeys(config) });
  return {
    clients: createTokenVerifier({ keys, audience: config.JWT_AUDIENCE }),
    internal: async (token) => (algorithmOf(token) === sharedKeyAlgorithm ? shared : ofCluster)(token),
    cluster,
  };
};
