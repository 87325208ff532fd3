import { ConfigError, loadConfig } from '@factorial/core/config/load-config';
import { describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';

const good = {
  REDIS_URL: 'redis://localhost',
  AMQP_URL: 'amqp://localhost',
  JWT_SECRET: 'a-secret-for-clients-of-32-bytes!',
  INTERNAL_JWT_SECRET: 'a-secret-for-workers-of-32-bytes!',
};

const mistakesOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(configSchema, env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.mistakes : [String(error)];
  }
};

describe('the configuration', () => {
  it('has defaults when only what has none is given', () => {
    expect(loadConfig(configSchema, good)).toMatchObject({
      PORT: 8080,
      INTERNAL_PORT: 8081,
      OPS_PORT: 9090,
      BODY_LIMIT_BYTES: 1_048_576,
      REDIS_TAG: 'factorial',
    });
  });

  it('names every mistake at once when several are made', () => {
    const mistakes = mistakesOf({
      ...good,
      PORT: '99999',
      REDIS_URL: 'http://x',
      JWT_SECRET: 'short',
      AMQP_URL: '',
    });
    expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual(
      expect.arrayContaining(['PORT', 'REDIS_URL', 'JWT_SECRET', 'AMQP_URL']),
    );
    expect(mistakes).toHaveLength(4);
  });

  it('asks for a secret or a JWK set when there is neither, also beside other mistakes', () => {
    const { JWT_SECRET: _none, ...rest } = good;
    expect(mistakesOf(rest).join('\n')).toContain('JWT_SECRET: is missing');
    expect(mistakesOf({ ...rest, PORT: 'x' })).toHaveLength(2);
    expect(mistakesOf({ ...rest, JWT_JWKS_FILE: 'keys.json' })).toEqual([]);
  });

  it('names each of them once when nothing is set', () => {
    const names = mistakesOf({}).map((mistake) => mistake.split(':')[0]);
    expect(names).toHaveLength(4);
    expect(new Set(names)).toEqual(new Set(['AMQP_URL', 'INTERNAL_JWT_SECRET', 'JWT_SECRET', 'REDIS_URL']));
  });

  it('takes service accounts in place of a key for workers, and asks for one of the two', () => {
    const { INTERNAL_JWT_SECRET: _none, ...rest } = good;
    const accounts = { 'jobs/worker': { scope: 'worker', pool: 'p' }, 'jobs/scaler': { scope: 'scaler' } };
    expect(
      loadConfig(configSchema, { ...rest, INTERNAL_SERVICE_ACCOUNTS: JSON.stringify(accounts) }),
    ).toMatchObject({
      INTERNAL_SERVICE_ACCOUNTS: accounts,
      INTERNAL_TOKEN_CHECK: 'jwks',
      KUBERNETES_API_URL: 'https://kubernetes.default.svc',
    });
    expect(mistakesOf(rest).join('\n')).toContain('INTERNAL_JWT_SECRET: is missing');
  });

  it.each([
    ['no JSON', '{'],
    ['empty', '{}'],
    ['a worker without a pool', '{"a/b":{"scope":"worker"}}'],
    ['a scope that there is not', '{"a/b":{"scope":"admin"}}'],
    ['a scaler with a pool', '{"a/b":{"scope":"scaler","pool":"p"}}'],
    ['an account without its namespace', '{"b":{"scope":"scaler"}}'],
  ])('refuses service accounts that are %s, beside other mistakes', (_name, accounts) => {
    const mistakes = mistakesOf({
      ...good,
      INTERNAL_SERVICE_ACCOUNTS: accounts,
      INTERNAL_TOKEN_CHECK: 'no',
      PORT: 'x',
    });
    expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
      'PORT',
      'INTERNAL_SERVICE_ACCOUNTS',
      'INTERNAL_TOKEN_CHECK',
    ]);
  });

  it('says where in the JSON of a variable the mistake is', () => {
    const accounts = (INTERNAL_SERVICE_ACCOUNTS: string) =>
      mistakesOf({ ...good, INTERNAL_SERVICE_ACCOUNTS });
    expect(accounts('{')).toEqual([expect.stringContaining('INTERNAL_SERVICE_ACCOUNTS: has to be JSON')]);
    expect(accounts('{"a/b":{"scope":"worker"}}')).toEqual([
      expect.stringContaining('INTERNAL_SERVICE_ACCOUNTS: a/b.pool: '),
    ]);
  });

  it('refuses to share one key between clients and workers', () => {
    expect(mistakesOf({ ...good, INTERNAL_JWT_SECRET: good.JWT_SECRET }).join()).toContain(
      'INTERNAL_JWT_SECRET',
    );
  });

  it('takes several keys for webhooks, and none that is short', () => {
    const [one, other] = ['a-key-for-webhooks-of-32-bytes-!!', 'another-one-of-no-less-than-that!'];
    const keysOf = (WEBHOOK_KEYS: string) => loadConfig(configSchema, { ...good, WEBHOOK_KEYS }).WEBHOOK_KEYS;
    for (const text of [`${one},${other}`, ` ${one} ${other}\n`, `${one}, ${other},`])
      expect(keysOf(text)).toEqual([one, other]);
    expect(loadConfig(configSchema, good).WEBHOOK_KEYS).toBeUndefined();
    for (const text of ['short', `${one},short`, ' , ']) {
      const [mistake] = mistakesOf({ ...good, WEBHOOK_KEYS: text });
      expect(mistake).toContain('WEBHOOK_KEYS: has to be keys of at least 32 bytes each');
      expect(mistake).not.toContain('short');
    }
  });

  it('allows webhooks the internet by https alone, unless more is named', () => {
    expect(loadConfig(configSchema, good)).toMatchObject({ WEBHOOK_ALLOW_HTTP: false });
    expect(mistakesOf({ ...good, WEBHOOK_ALLOWED_CIDRS: '10.0.0.0/40' })).toHaveLength(1);
    expect(loadConfig(configSchema, { ...good, WEBHOOK_ALLOWED_CIDRS: '10.0.0.0/8' })).toMatchObject({
      WEBHOOK_ALLOWED_CIDRS: [{ address: '10.0.0.0', prefix: 8, family: 'ipv4' }],
    });
  });
});
