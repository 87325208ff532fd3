import { decodeJwt, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { createClientToken } from './client-token.ts';

const secret = 'x'.repeat(32);
const nowMs = Date.now();
const mint = async (args: string[], env: Record<string, string> = { JWT_SECRET: secret }) =>
  createClientToken(args, env, nowMs);

describe("a client's token", () => {
  it('is signed with the key, for the issuer and the audience of the api', async () => {
    const token = await mint(['--subject', 'alice'], {
      JWT_SECRET: secret,
      JWT_ISSUER: 'me',
      JWT_AUDIENCE: 'jobs',
    });
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
      issuer: 'me',
      audience: 'jobs',
      subject: 'alice',
    });
    expect(payload['scope']).toBe('jobs:read jobs:write');
    expect(payload.exp).toBe(Math.floor(nowMs / 1_000) + 3_600);
  });

  it('has the scopes and the lifetime that are asked for', async () => {
    const token = await mint(['--subject=a', '--scope', 'admin jobs:read', '--ttl-seconds', '60']);
    expect(decodeJwt(token)).toMatchObject({
      iss: 'factorial',
      aud: 'factorial',
      scope: 'admin jobs:read',
      exp: Math.floor(nowMs / 1_000) + 60,
    });
  });

  it.each([
    ['no subject', [], '--subject has to be given'],
    ['an unknown option', ['--subjct', 'a'], "Unknown option '--subjct'"],
    ['an unknown scope', ['--subject', 'a', '--scope', 'jobs:read all'], '--scope knows jobs:read'],
    ['no scope', ['--subject', 'a', '--scope', ''], '--scope'],
    ['a lifetime in words', ['--subject', 'a', '--ttl-seconds', '1h'], '--ttl-seconds has to be a number'],
    ['no lifetime', ['--subject', 'a', '--ttl-seconds', '0'], '--ttl-seconds has to be from 1'],
  ])('is not made with %s', async (_, args, message) => {
    await expect(mint(args)).rejects.toThrow(message);
    await expect(mint(args)).rejects.toThrow('usage: mint-token');
  });

  it('is not made without a key, and says where to get one', async () => {
    const args = ['--subject', 'a'];
    await expect(mint(args, {})).rejects.toThrow('run this where the api runs');
    await expect(mint(args, { JWT_JWKS_FILE: 'keys.json' })).rejects.toThrow('get a token from the issuer');
    await expect(mint(args, { JWT_SECRET: 'short' })).rejects.toThrow('at least 32 bytes');
  });
});
