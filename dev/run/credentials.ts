/** The keys of a local system, made once, and the tokens signed with them, made anew at each start. */
import { join } from 'node:path';
import { mintToken, type TokenToMint } from '@factorial/core/auth/mint-token';
import { readOrMakeKey, writeSecret } from './secret-file.ts';

export const issuer = 'factorial-local';
export const clientAudience = 'factorial';
const internalAudience = 'factorial-internal';

const daySeconds = 86_400;

export interface Credentials {
  clientKey: string;
  internalKey: string;
  /** What webhooks are signed by. */
  webhookKey: string;
  /** For a client that reads and writes its own jobs. */
  token: string;
  /** The same with the scope `admin`. */
  adminToken: string;
  workerTokenFile: string;
  scalerToken: string;
  scalerTokenFile: string;
}

type Claims = Pick<TokenToMint, 'subject' | 'scopes' | 'audience' | 'lifetimeSeconds'>;

const clientClaims = (...scopes: string[]): Claims => ({
  subject: 'dev',
  scopes,
  audience: clientAudience,
  lifetimeSeconds: 30 * daySeconds,
});

/** A year: nobody renews the token of a system that is left running on a desk. */
const internalClaims = (role: 'worker' | 'scaler'): Claims => ({
  subject: role,
  scopes: [role],
  audience: internalAudience,
  lifetimeSeconds: 365 * daySeconds,
});

/** @param dir where the keys and token files are kept. */
export const prepareCredentials = async (dir: string, nowMs: number): Promise<Credentials> => {
  const clientKey = await readOrMakeKey(join(dir, 'client-jwt.key'));
  const internalKey = await readOrMakeKey(join(dir, 'internal-jwt.key'));
  const webhookKey = await readOrMakeKey(join(dir, 'webhook.key'));
  const mint = async (key: string, claims: Claims): Promise<string> =>
    mintToken(key, { ...claims, issuer, nowMs });
  const scalerToken = await mint(internalKey, internalClaims('scaler'));
  const workerTokenFile = join(dir, 'worker.token');
  const scalerTokenFile = join(dir, 'scaler.token');
  await writeSecret(workerTokenFile, await mint(internalKey, internalClaims('worker')));
  await writeSecret(scalerTokenFile, scalerToken);
  return {
    clientKey,
    internalKey,
    webhookKey,
    token: await mint(clientKey, clientClaims('jobs:read', 'jobs:write')),
    adminToken: await mint(clientKey, clientClaims('jobs:read', 'jobs:write', 'admin')),
    workerTokenFile,
    scalerToken,
    scalerTokenFile,
  };
};
