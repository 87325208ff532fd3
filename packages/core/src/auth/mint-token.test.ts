import { expect, it } from 'vitest';
import { mintToken, type TokenToMint } from './mint-token.ts';
import { createFixedKeys } from './token-keys.ts';
import { keyFromSecret } from './verification-keys.ts';
import { createTokenVerifier } from './verify-token.ts';

const secret = 'a-secret-of-thirty-two-bytes-or-more';
const nowMs = Date.UTC(2026, 0, 1);
const token: TokenToMint = {
  subject: 'dev',
  issuer: 'us',
  audience: 'factorial',
  scopes: ['jobs:read', 'admin'],
  nowMs,
  lifetimeSeconds: 60,
};

const verifyAt = async (now: number, minted: string) => {
  const keys = createFixedKeys({ issuer: 'us', keys: [await keyFromSecret(secret)] });
  return createTokenVerifier({ keys, audience: 'factorial', clock: { now: () => now } })(minted);
};

it('is accepted, with its subject and scopes, when it is fresh', async () => {
  const { subject, scopes } = await verifyAt(nowMs, await mintToken(secret, token));
  expect(subject).toBe('dev');
  expect([...scopes]).toEqual(['jobs:read', 'admin']);
});

it('is refused when its lifetime and the tolerance for clocks are over', async () => {
  const minted = await mintToken(secret, token);
  await expect(verifyAt(nowMs + 60_000 + 31_000, minted)).rejects.toThrow('expired');
});
