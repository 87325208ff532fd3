import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@factorial/core/config/load-config';
import { mintToken } from '@factorial/core/auth/mint-token';
import { createMetrics } from '@factorial/core/ops/metrics';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configSchema, type Config } from './config.ts';
import { createApiMetrics } from './metrics.ts';
import { createTokenVerifiers } from './token-verifiers.ts';

let folder: string;
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [clientSecret, internalSecret] = ['c'.repeat(32), 'i'.repeat(32)];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jwks-'));
});
afterAll(async () => rm(folder, { recursive: true }));

const configFor = (env: Record<string, string>) =>
  loadConfig(configSchema, {
    REDIS_URL: 'redis://x',
    AMQP_URL: 'amqp://x',
    INTERNAL_JWT_SECRET: internalSecret,
    ...env,
  });
const verifiersFor = async (config: Config) =>
  createTokenVerifiers({
    config,
    logger: createRecordedLogger().logger,
    metrics: createApiMetrics(createMetrics('api')),
  });
const token = async (secret: string, audience: string) =>
  mintToken(secret, {
    subject: 'ann',
    issuer: 'factorial',
    audience,
    scopes: [],
    nowMs: Date.now(),
    lifetimeSeconds: 60,
  });

it('takes tokens of the secret and of the JWK set side by side', async () => {
  const file = join(folder, 'jwks.json');
  await writeFile(file, JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] }));
  const { clients } = await verifiersFor(configFor({ JWT_SECRET: clientSecret, JWT_JWKS_FILE: file }));
  const signed = await new SignJWT({ iss: 'factorial', aud: 'factorial', sub: 'bob' })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setExpirationTime('1m')
    .sign(privateKey);
  expect((await clients(signed)).subject).toBe('bob');
  expect((await clients(await token(clientSecret, 'factorial'))).subject).toBe('ann');
});

it('keeps the two ports apart by key and by audience', async () => {
  const { clients, internal } = await verifiersFor(configFor({ JWT_SECRET: clientSecret }));
  expect((await internal(await token(internalSecret, 'factorial-internal'))).subject).toBe('ann');
  await expect(internal(await token(clientSecret, 'factorial-internal'))).rejects.toThrow('not valid');
  await expect(internal(await token(internalSecret, 'factorial'))).rejects.toThrow('aud');
  await expect(clients(await token(internalSecret, 'factorial'))).rejects.toThrow('not valid');
});

it('fails when the JWK set cannot be read', async () => {
  const file = join(folder, 'bad.json');
  await writeFile(file, '{"keys":[]}');
  await expect(verifiersFor(configFor({ JWT_JWKS_FILE: file }))).rejects.toThrow('JWK set');
  await expect(verifiersFor(configFor({ JWT_JWKS_FILE: join(folder, 'none') }))).rejects.toThrow('ENOENT');
});
