import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactEncrypt, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { createFixedKeys } from './token-keys.ts';
import { keyFromSecret, keysFromJwks, type VerificationKey } from './verification-keys.ts';
import { createTokenVerifier, type TokenVerifierOptions } from './verify-token.ts';

const nowMs = Date.UTC(2026, 0, 1);
const nowSeconds = nowMs / 1_000;
const secret = 'a-secret-of-thirty-two-bytes-or-more';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const oldOct = Buffer.from('the-old-shared-key-of-thirty-two-bytes!');
const newOct = Buffer.from('the-new-shared-key-of-thirty-two-bytes!');

const jwks = JSON.stringify({
  keys: [
    { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa-1' },
    { ...ec.publicKey.export({ format: 'jwk' }), kid: 'ec-1', use: 'sig', alg: 'ES256' },
    { kty: 'oct', k: oldOct.toString('base64url'), kid: 'old' },
    { kty: 'oct', k: newOct.toString('base64url'), kid: 'new' },
  ],
});

let keys: VerificationKey[];
const good: JWTPayload = {
  iss: 'us',
  aud: 'factorial',
  sub: 'ada',
  exp: nowSeconds + 60,
  scope: 'jobs:read jobs:write',
};

const without = (claim: string): JWTPayload =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== claim));

const sign = async (
  claims: JWTPayload,
  how: { alg?: string; kid?: string; key?: KeyObject | Uint8Array; header?: object } = {},
): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: how.alg ?? 'HS256', ...(how.kid ? { kid: how.kid } : {}), ...how.header })
    .sign(how.key ?? Buffer.from(secret));

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs whatever header is asked for with HMAC over the given bytes, as an attacker would. */
const forge = (header: object, key: string | Buffer): string => {
  const content = `${base64(header)}.${base64(good)}`;
  return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`;
};

const verifier = (over: Partial<TokenVerifierOptions> = {}) =>
  createTokenVerifier({
    keys: createFixedKeys({ issuer: 'us', keys }),
    audience: 'factorial',
    clock: { now: () => nowMs },
    ...over,
  });

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

beforeAll(async () => {
  keys = [await keyFromSecret(secret), ...(await keysFromJwks(jwks))];
});

describe('a good token', () => {
  it.each([
    ['HS256 by the secret', () => sign(good)],
    ['HS256 by an old key in rotation', () => sign(good, { kid: 'old', key: oldOct })],
    ['HS256 by the new key', () => sign(good, { kid: 'new', key: newOct })],
    ['RS256', () => sign(good, { alg: 'RS256', kid: 'rsa-1', key: rsa.privateKey })],
    ['PS256', () => sign(good, { alg: 'PS256', kid: 'rsa-1', key: rsa.privateKey })],
    ['RS256 without a kid', () => sign(good, { alg: 'RS256', key: rsa.privateKey })],
    ['ES256', () => sign(good, { alg: 'ES256', kid: 'ec-1', key: ec.privateKey })],
    ['HS256 by the unnamed secret under a kid of its issuer', () => sign(good, { kid: 'unknown' })],
    ['one of several audiences', () => sign({ ...good, aud: ['others', 'factorial'] })],
    ['one that expired within the tolerance', () => sign({ ...good, exp: nowSeconds - 29 })],
    ['one that begins within the tolerance', () => sign({ ...good, nbf: nowSeconds + 29 })],
  ])('is accepted when it is %s', async (_name, make) => {
    const verified = await verifier()(await make());
    expect(verified.subject).toBe('ada');
    expect([...verified.scopes]).toEqual(['jobs:read', 'jobs:write']);
  });
});

describe('a bad token', () => {
  const publicPem = rsa.publicKey.export({ format: 'pem', type: 'spki' });
  it.each<[string, () => string | Promise<string>]>([
    ['nothing', () => ''],
    ['not a token', () => 'hello'],
    ['three dots', () => '...'],
    ['alg none', () => new UnsecuredJWT(good).encode()],
    ['alg None with a signature', () => forge({ alg: 'None' }, secret)],
    ['no alg', () => forge({}, secret)],
    ['alg HS512 under our secret', () => sign(good, { alg: 'HS512', key: Buffer.from(secret.repeat(2)) })],
    ['HS256 with the RSA public key as its secret', () => forge({ alg: 'HS256', kid: 'rsa-1' }, publicPem)],
    [
      'HS256 with the RSA modulus as its secret',
      () => forge({ alg: 'HS256' }, String(rsa.publicKey.export({ format: 'jwk' }).n)),
    ],
    ['HS256 with an empty secret', () => forge({ alg: 'HS256' }, '')],
    [
      'an embedded key',
      () => forge({ alg: 'HS256', jwk: { kty: 'oct', k: base64('x') } }, Buffer.from(base64('x'))),
    ],
    ['another secret', () => sign(good, { key: Buffer.from('another-secret-of-thirty-two-bytes!!') })],
    ['the old key under the new name', () => sign(good, { kid: 'new', key: oldOct })],
    ['a key that nobody knows', () => sign(good, { kid: 'old2', key: newOct })],
    ['a strange RSA key', () => sign(good, { alg: 'RS256', kid: 'rsa-1', key: stranger.privateKey })],
    [
      'a changed payload',
      async () => (await sign(good)).replace(/\.[^.]+\./, `.${base64({ ...good, sub: 'eve' })}.`),
    ],
    ['a cut signature', async () => (await sign(good)).slice(0, -4)],
    ['no signature', async () => (await sign(good)).replace(/[^.]+$/, '')],
    [
      'a critical extension',
      async () => forge({ alg: 'HS256', crit: ['exp'], exp: 1 }, await Promise.resolve(secret)),
    ],
    [
      'encrypted',
      async () =>
        new CompactEncrypt(Buffer.from('{}'))
          .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
          .encrypt(Buffer.from(secret).subarray(0, 32)),
    ],
    ['expired', () => sign({ ...good, exp: nowSeconds - 31 })],
    ['without exp', () => sign(without('exp'))],
    ['not yet good', () => sign({ ...good, nbf: nowSeconds + 31 })],
    ['by another issuer', () => sign({ ...good, iss: 'them' })],
    ['without an issuer', () => sign(without('iss'))],
    ['for another audience', () => sign({ ...good, aud: 'factorial-internal' })],
    ['without an audience', () => sign(without('aud'))],
    ['without a subject', () => sign(without('sub'))],
    ['with an empty subject', () => sign({ ...good, sub: '' })],
    ['with a subject of 256 characters', () => sign({ ...good, sub: 's'.repeat(256) })],
    ['longer than 8 KiB', () => sign({ ...good, padding: 'x'.repeat(8_192) })],
  ])('is refused when it is %s', async (_name, make) => {
    expect(await codeOf(verifier()(await make()))).toBe('unauthorized');
  });
});

it('has no scope when the claim is not a text', async () => {
  const { scopes } = await verifier()(await sign({ ...good, scope: ['admin'] }));
  expect(scopes.size).toBe(0);
});

describe('the cache', () => {
  it('forgets a token when it expires', async () => {
    let now = nowMs;
    const verify = verifier({ clock: { now: () => now } });
    const token = await sign(good);
    await verify(token);
    now += 91_000;
    expect(await codeOf(verify(token))).toBe('unauthorized');
  });

  it('answers the same object again, and forgets the oldest when it is full', async () => {
    const verify = verifier({ cacheSize: 1 });
    const [first, second] = [await sign(good), await sign({ ...good, sub: 'bob' })];
    const before = await verify(first);
    expect(await verify(first)).toBe(before);
    await verify(second);
    expect(await verify(first)).not.toBe(before);
  });
});

describe('keys', () => {
  it('are refused when a secret is shorter than 32 bytes', async () => {
    await expect(keyFromSecret('x'.repeat(31))).rejects.toThrow('32 bytes');
    const short = JSON.stringify({ keys: [{ kty: 'oct', k: Buffer.alloc(31).toString('base64url') }] });
    await expect(keysFromJwks(short)).rejects.toThrow('32 bytes');
  });

  it.each([
    ['private', { keys: [rsa.privateKey.export({ format: 'jwk' })] }],
    ['of an unknown type', { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x' }] }],
    ['meant for encryption', { keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), use: 'enc' }] }],
    ['missing', { keys: [] }],
  ])('are refused when one is %s', async (_name, set) => {
    await expect(keysFromJwks(JSON.stringify(set))).rejects.toThrow('JWK set is wrong');
  });
});
