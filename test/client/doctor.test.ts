import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { freePort } from '../../dev/brokers/free-port.ts';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { runFactorial, type RunFactorialOptions } from '../../packages/client/src/testing/run-factorial.ts';
import { createSystemClient } from './system-client.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ workers: 1, apiEnv: { MAX_PENDING: '1' } });
});
afterAll(async () => system.stop());

const reportSchema = z.object({
  findings: z.array(
    z.object({ verdict: z.string(), code: z.string(), says: z.string(), mend: z.string().optional() }),
  ),
});

interface Setup extends Omit<RunFactorialOptions, 'env'> {
  apiUrl?: string;
  token?: string | undefined;
  args?: readonly string[];
}

/** What a run of this file shows is told once. */
const told = new Set<string>();

/** What is amiss, by its names. */
const doctor = async (setup: Setup = {}) => {
  const { apiUrl = system.apiUrl, args = [], ...options } = setup;
  const env = { API_URL: apiUrl, TOKEN: 'token' in setup ? setup.token : system.token };
  const { code, out, err } = await runFactorial(['doctor', '--json', ...args], { ...options, env });
  expect(err).toBe('');
  const { findings } = reportSchema.parse(JSON.parse(out));
  const named = (verdict: string) => findings.filter((finding) => finding.verdict === verdict);
  for (const { says, mend } of [...named('fault'), ...named('warning')]) {
    expect(says).toMatch(/\.$|: .+/);
    expect(mend).toMatch(/^[A-Z].+\.$/);
    if (!told.has(says)) console.info(`${says}\n  → ${mend}`);
    told.add(says);
  }
  const codesOf = (verdict: string) => named(verdict).map((finding) => finding.code);
  return { code, faults: codesOf('fault'), warnings: codesOf('warning') };
};

const well = { code: 0, faults: [], warnings: [] };

/** @param expected a name that has to be among the faults or warnings, or none at all. */
const expectNamed = async (...expected: string[]): Promise<void> => {
  await waitUntil(
    async () => {
      const { faults, warnings } = await doctor();
      const names = [...faults, ...warnings];
      return expected.length === 0 ? names.length === 0 : expected.every((name) => names.includes(name));
    },
    { timeoutMs: 60_000, pollMs: 300, what: `the doctor names ${expected.join(' and ') || 'nothing'}` },
  );
};

interface Minted {
  issuer?: string;
  audience?: string;
  scope?: string;
  keyFile?: string;
  agoMs?: number;
}

const mint = async (token: Minted = {}): Promise<string> => {
  const {
    issuer = 'factorial-local',
    audience = 'factorial',
    scope = 'jobs:read jobs:write',
    agoMs = 0,
  } = token;
  const keyFile = token.keyFile ?? join(system.dir, 'client-jwt.key');
  const options = {
    '--subject': 'dev',
    '--key-file': keyFile,
    '--issuer': issuer,
    '--audience': audience,
    '--scope': scope,
  };
  const { out } = await runFactorial(['token', ...Object.entries(options).flat()], {
    now: () => Date.now() - agoMs,
  });
  return out.trim();
};

test('names a scaler that is silent, and exits with 0: a warning is no fault', async () => {
  expect(await doctor()).toEqual({ code: 0, faults: [], warnings: ['scaler-silent'] });
});

test('finds nothing where all is well, and a job comes back', { timeout: 90_000 }, async () => {
  await system.scaler.start();
  await expectNamed();
  expect(await doctor({ args: ['--run'] })).toEqual(well);
  const { out } = await runFactorial(['doctor'], { env: { API_URL: system.apiUrl, TOKEN: await mint() } });
  expect(out).toMatch(/all is well\n$/);
  console.info(out);
});

describe('an address', () => {
  test('where nobody answers', async () => {
    const apiUrl = `http://127.0.0.1:${await freePort(Math.random)}`;
    expect(await doctor({ apiUrl })).toEqual({ code: 3, faults: ['unreachable'], warnings: [] });
    expect(await doctor({ apiUrl: 'localhost:8080' })).toMatchObject({ code: 3, faults: ['unreachable'] });
  });

  test('where something else answers', async () => {
    const apiUrl = new URL('/', system.managementUrl);
    apiUrl.username = '';
    apiUrl.password = '';
    expect(await doctor({ apiUrl: apiUrl.href })).toEqual({
      code: 3,
      faults: ['not-factorial'],
      warnings: [],
    });
    // Ours, and the wrong port of it: the one for workers.
    expect(await doctor({ apiUrl: system.internalUrl })).toMatchObject({
      code: 3,
      faults: ['not-factorial'],
    });
  });

  test('that nobody gave', async () => {
    expect(await doctor({ apiUrl: '' })).toMatchObject({ code: 3, faults: ['no-api-url'] });
  });
});

describe('a token', () => {
  test.each<[string, () => Promise<string | undefined>, string]>([
    ['that is not there', async () => undefined, 'token-missing'],
    ['that was not copied whole', async () => system.token.slice(0, 30), 'token-malformed'],
    ['that has expired', async () => mint({ agoMs: 7_200_000 }), 'token-expired'],
    ['of another key', async () => mint({ keyFile: join(system.dir, 'internal-jwt.key') }), 'token-refused'],
    ['for another audience', async () => mint({ audience: 'another' }), 'token-refused'],
    ['of another issuer', async () => mint({ issuer: 'another' }), 'token-refused'],
    ['that may not write', async () => mint({ scope: 'jobs:read' }), 'scope-missing'],
    ['that may not read', async () => mint({ scope: 'jobs:write' }), 'scope-missing'],
  ])('%s', async (_, token, name) => {
    const { code, faults } = await doctor({ token: await token() });
    expect(faults[0]).toBe(name);
    expect(code).toBe(4);
  });

  test('that `factorial token` made is taken', async () => {
    expect(await doctor({ token: await mint({ scope: 'admin' }) })).toEqual(well);
  });
});

test('names a clock that is off', async () => {
  expect(await doctor({ now: () => Date.now() + 120_000 })).toEqual({
    code: 1,
    faults: ['clock-off'],
    warnings: [],
  });
  expect(await doctor({ now: () => Date.now() - 10_000 })).toEqual({
    code: 0,
    faults: [],
    warnings: ['clock-drifts'],
  });
});

test(
  'names a pool that is paused, a job that does not come back, and a full queue',
  { timeout: 90_000 },
  async () => {
    const admin = createSystemClient(system, system.adminToken);
    await admin.post('/v1/pools/factorial/pause', {});
    // The api's figures may be a second old.
    await expectNamed('pool-paused');
    const tried = await doctor({ args: ['--run', '--timeout', '1'] });
    expect(tried).toEqual({ code: 1, faults: ['pool-paused', 'job-stuck'], warnings: [] });
    // There is room for one job: the test job before was cancelled.
    const waiting = await createSystemClient(system).accepted({ n: 10 });
    expect((await doctor({ args: ['--run'] })).faults).toEqual(['pool-paused', 'queue-full']);
    await admin.post('/v1/pools/factorial/resume', {});
    await createSystemClient(system).waitUntilFinal(waiting);
    await expectNamed();
  },
);

test('names a broker that is away, and a scaler that holds', { timeout: 120_000 }, async () => {
  await system.rabbitmq.stop();
  await expectNamed('queue-unavailable', 'scaler-holds');
  expect((await doctor()).code).toBe(1);
  await system.rabbitmq.start();
  await expectNamed();
});

test('names a store that is away', { timeout: 120_000 }, async () => {
  await system.redis.stop();
  await expectNamed('store-unavailable');
  await system.redis.start();
  await expectNamed();
});

test('names a pool without a worker', { timeout: 90_000 }, async () => {
  await system.scaler.stop();
  await system.workers[0]?.stop();
  await expectNamed('no-worker');
  expect((await doctor()).code).toBe(1);
});

test('names an api that is down', async () => {
  await system.api.stop();
  expect(await doctor()).toMatchObject({ code: 3, faults: ['unreachable'] });
});
