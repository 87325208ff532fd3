import {
  startFakeApiServer,
  type FakeApiServer,
  type TokenOrder,
} from '@factorial/core/testing/fake-api-server';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi, type TestApiOptions } from '../testing/test-api.ts';
import { factorialTask } from '../testing/test-worker.ts';

let cluster: FakeApiServer;
const opened: TestApi[] = [];

beforeAll(async () => {
  cluster = await startFakeApiServer();
});
afterAll(async () => {
  for (const test of opened) await test.close();
  await cluster.close();
});

const accounts = {
  'jobs/worker': { scope: 'worker', pool: 'factorial' },
  'jobs/other': { scope: 'worker', pool: 'other' },
  'jobs/scaler': { scope: 'scaler' },
};

const start = async (
  env: Readonly<Record<string, string>> = {},
  options: Pick<TestApiOptions, 'untilReady'> = {},
): Promise<TestApi> => {
  const test = await startTestApi({
    ...options,
    env: {
      INTERNAL_SERVICE_ACCOUNTS: JSON.stringify(accounts),
      KUBERNETES_API_URL: cluster.url,
      KUBERNETES_CA_FILE: cluster.caFile,
      KUBERNETES_TOKEN_FILE: cluster.tokenFile,
      ...env,
    },
  });
  opened.push(test);
  return test;
};

const worker: TokenOrder = { account: 'worker', pod: 'pod-1' };
const beat = (changes: object = {}) => ({
  pool: 'factorial',
  slots: 1,
  state: 'active',
  startedAt: Date.now(),
  held: 0,
  jobs: [],
  ...changes,
});

interface Sent {
  method?: string;
  path: string;
  json?: unknown;
}
const ask = async (test: TestApi, token: string, { path, ...rest }: Sent) => {
  const { status, body, headers } = await test.askInternal(path, { token, ...rest });
  return { status, body, headers };
};
const beatOf = async (test: TestApi, token: string, name = 'pod-1') =>
  ask(test, token, { method: 'PUT', path: `/internal/v1/workers/${name}`, json: beat() });

describe('a worker whose token is bound to its pod', () => {
  let test: TestApi;
  let token: string;
  beforeAll(async () => {
    test = await start();
    token = await cluster.token(worker);
  });

  const deliveries = [{ id: 'x', nonce: 'n' }];
  it.each<[string, Sent, number]>([
    ['beats', { method: 'PUT', path: '/internal/v1/workers/pod-1', json: beat() }, 200],
    [
      'claims',
      { path: '/internal/v1/claims', json: { worker: 'pod-1', pool: 'factorial', deliveries } },
      200,
    ],
    ['announces', { method: 'PUT', path: '/internal/v1/tasks/factorial', json: factorialTask }, 204],
    ['says goodbye', { method: 'DELETE', path: '/internal/v1/workers/pod-1?pool=factorial' }, 204],
  ])('is heard when it %s', async (_name, sent, status) => {
    expect((await ask(test, token, sent)).status).toBe(status);
  });

  it.each<[string, Sent]>([
    ['beats as another', { method: 'PUT', path: '/internal/v1/workers/pod-2', json: beat() }],
    [
      'beats in another pool',
      { method: 'PUT', path: '/internal/v1/workers/pod-1', json: beat({ pool: 'other' }) },
    ],
    [
      'claims as another',
      { path: '/internal/v1/claims', json: { worker: 'pod-2', pool: 'factorial', deliveries } },
    ],
    [
      'claims in another pool',
      { path: '/internal/v1/claims', json: { worker: 'pod-1', pool: 'other', deliveries } },
    ],
    [
      'announces for another pool',
      { method: 'PUT', path: '/internal/v1/tasks/factorial', json: { ...factorialTask, pool: 'other' } },
    ],
    ['says goodbye for another', { method: 'DELETE', path: '/internal/v1/workers/pod-2?pool=factorial' }],
    ['says goodbye in another pool', { method: 'DELETE', path: '/internal/v1/workers/pod-1?pool=other' }],
    ['asks as a scaler', { path: '/internal/v1/pools/factorial' }],
  ])('is refused when it %s', async (_name, sent) => {
    expect(await ask(test, token, sent)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('is refused by the article’s way, which asks for no attempt’s token', async () => {
    const { text: id } = await test.ask('/factorial?no=5');
    const update = { path: '/factorial/update', json: { id, status: 'done', output: '120' } };
    const answer = await ask(test, token, update);
    expect([answer.status, answer.body]).toMatchObject([
      403,
      { detail: expect.stringContaining('service account') },
    ]);
    expect((await ask(test, await test.internalToken('worker'), update)).status).toBe(200);
  });

  it.each<[string, TokenOrder, string]>([
    ['of an account that has no part', { account: 'default', pod: 'pod-1' }, '403 jobs/default has no part'],
    ['of another namespace', { ...worker, namespace: 'theirs' }, '403 theirs/worker has no part'],
    ['bound to no pod', { account: 'worker' }, '403 bound to its pod'],
    ['for another audience', { ...worker, audience: 'factorial' }, '401 aud'],
    ['of another issuer', { ...worker, issuer: 'https://elsewhere' }, '401 iss'],
    ['expired', { ...worker, expiresIn: -60 }, '401 expired'],
    ['of an unknown key', { ...worker, kid: 'unknown' }, '401 not valid'],
  ])('is refused when its token is %s', async (_name, order, expected) => {
    const { status, body } = await beatOf(test, await cluster.token(order));
    const [code = '', ...words] = expected.split(' ');
    expect([String(status), JSON.stringify(body)]).toEqual([code, expect.stringContaining(words.join(' '))]);
  });

  it('leaves the tokens of the shared key as they are, bound to nothing', async () => {
    expect((await beatOf(test, await test.internalToken('worker'), 'any-name')).status).toBe(200);
  });
});

it('lets the scaler’s account read pools and do no worker’s part', async () => {
  const test = await start();
  const token = await cluster.token({ account: 'scaler' });
  expect((await ask(test, token, { path: '/internal/v1/pools/factorial' })).status).toBe(200);
  expect((await beatOf(test, token)).status).toBe(403);
});

it('refuses tokens of a shared key when only service accounts are configured, and clients’ always', async () => {
  const test = await start({ INTERNAL_JWT_SECRET: '' });
  for (const token of [await test.internalToken('worker'), await test.clientToken('ann', 'worker')]) {
    const answer = await beatOf(test, token);
    expect([answer.status, answer.headers.get('www-authenticate')]).toMatchObject([401, /invalid_token/]);
  }
  expect((await beatOf(test, await cluster.token(worker))).status).toBe(200);
});

it('refuses service accounts when none are configured', async () => {
  const test = await start({ INTERNAL_SERVICE_ACCOUNTS: '' });
  expect((await beatOf(test, await cluster.token(worker))).status).toBe(401);
  expect((await beatOf(test, 'no.token.atall')).status).toBe(401);
});

it('starts without the API server, is not ready and says why, and needs no restart when it comes', async () => {
  await cluster.down();
  const test = await start({}, { untilReady: false });
  const readiness = async () => (await fetch(`${test.api.ops.address().url}/readyz`)).json();
  expect(
    await waitUntil(async () => JSON.stringify(await readiness()).includes('["cluster-keys"]'), {
      what: 'only the keys are missing',
    }),
  ).toBe(true);
  const answer = await beatOf(test, await cluster.token(worker));
  expect(answer).toMatchObject({ status: 503, body: { code: 'identity-unavailable' } });
  expect([answer.headers.get('retry-after'), answer.headers.get('www-authenticate')]).toEqual(['2', null]);
  await cluster.up();
  await waitUntil(async () => (await beatOf(test, await cluster.token(worker))).status === 200, {
    what: 'it is heard',
  });
  expect(await readiness()).toEqual({ status: 'ready' });
  const metrics = await (await fetch(`${test.api.ops.address().url}/metrics`)).text();
  expect(metrics).toMatch(/factorial_cluster_keys_reads_total\{outcome="failed".*\} [1-9]/);
  expect(metrics).toMatch(/factorial_cluster_keys_age_seconds\{.*\} \d/);
});

it('asks the API server about each token when it is told to, and answers 503 while that is away', async () => {
  const test = await start({ INTERNAL_TOKEN_CHECK: 'tokenreview' });
  const [good, gone, late] = [
    await cluster.token(worker),
    await cluster.token({ ...worker, expiresIn: 601 }),
    await cluster.token({ ...worker, expiresIn: 602 }),
  ];
  cluster.revoke(gone);
  expect((await beatOf(test, good)).status).toBe(200);
  expect((await beatOf(test, good, 'pod-2')).status).toBe(403);
  expect((await beatOf(test, gone)).status).toBe(401);
  await cluster.down();
  expect(await beatOf(test, late)).toMatchObject({ status: 503, body: { code: 'identity-unavailable' } });
  expect((await beatOf(test, good)).status).toBe(200);
  await cluster.up();
  expect((await beatOf(test, late)).status).toBe(200);
});
