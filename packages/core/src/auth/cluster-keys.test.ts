import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { createKubernetesClient } from '../kubernetes/kubernetes-client.ts';
import { startFakeApiServer, type FakeApiServer, type TokenOrder } from '../testing/fake-api-server.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createRecordedLogger, type RecordedLogger } from '../testing/recorded-logger.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { createClusterKeys, type ClusterKeys, type ClusterKeysDeps } from './cluster-keys.ts';
import { serviceAccountOf } from './service-account.ts';
import { keysOfCluster } from './verification-keys.ts';
import { createClaimsVerifier } from './verify-token.ts';

const keysPath = '/openid/v1/jwks';
let cluster: FakeApiServer;
let clock: FakeClock;
let log: RecordedLogger;
let keys: ClusterKeys;
let cleanUp: (() => Promise<void>)[];

const createKeys = (over: Partial<ClusterKeysDeps> = {}): ClusterKeys => {
  const client = createKubernetesClient({ ...cluster, timeoutMs: 1_000 });
  const made = createClusterKeys({ client, logger: log.logger, clock, ...over });
  cleanUp.push(async () => {
    const stopped = made.stop(AbortSignal.abort());
    await client.close();
    await stopped;
  });
  return made;
};

beforeEach(async () => {
  cleanUp = [];
  clock = createFakeClock();
  log = createRecordedLogger();
  cluster = await startFakeApiServer();
  cleanUp.push(async () => cluster.close());
  keys = createKeys();
});
afterEach(async () => {
  for (const undo of cleanUp.toReversed()) await undo();
});

const verifyWith = (source: ClusterKeys) =>
  createClaimsVerifier({ keys: source, audience: 'factorial-internal', cacheSize: 0 }, serviceAccountOf);

/** What a token of this kind comes to: its account, or the code of its refusal. */
const check = async (order: TokenOrder = {}): Promise<string> => {
  const token = await cluster.token(order);
  return verifyWith(keys)(token).then(
    ({ account, pod }) => `${account} ${pod}`,
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
};

describe('a token of a service account', () => {
  it.each<[string, TokenOrder, string]>([
    ['good', { pod: 'pod-1' }, 'jobs/worker pod-1'],
    ['bound to no pod', {}, 'jobs/worker undefined'],
    ['of another issuer', { issuer: 'https://elsewhere' }, 'unauthorized'],
    ['for another audience', { audience: 'factorial' }, 'unauthorized'],
    ['expired', { expiresIn: -31 }, 'unauthorized'],
    ['of a key that nobody knows', { kid: 'unknown' }, 'unauthorized'],
  ])('is told as what it is when it is %s', async (_name, order, expected) => {
    await keys.refresh();
    expect(await check(order)).toBe(expected);
  });

  it('is refused when another cluster has signed it under the name of our key', async () => {
    await keys.refresh();
    const other = await startFakeApiServer();
    cleanUp.push(async () => other.close());
    await expect(verifyWith(keys)(await other.token())).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe('a new key of the cluster', () => {
  it.each(['RS256', 'ES256'] as const)('is read when the first %s token with it comes', async (alg) => {
    await keys.refresh();
    clock.advance(10_000);
    cluster.rotate('second', alg);
    expect(await check()).toBe('jobs/worker undefined');
  });

  it('is looked for once in 10 s, however many unknown keys are named', async () => {
    await keys.refresh();
    clock.advance(10_000);
    const orders = Array.from({ length: 20 }, (_, index) => check({ kid: `unknown-${index}` }));
    expect(new Set(await Promise.all(orders))).toEqual(new Set(['unauthorized']));
    expect(cluster.answers(keysPath)).toBe(2);
    clock.advance(10_000);
    await check({ kid: 'unknown' });
    expect(cluster.answers(keysPath)).toBe(3);
  });

  it('is read when the old ones are old', async () => {
    const fresh = createKeys({ maxAgeMs: 1 });
    await fresh.start();
    expect(await waitUntil(() => cluster.answers(keysPath) > 3, { what: 'it reads again and again' })).toBe(
      true,
    );
  });
});

it('a token that was found good is judged anew when the keys are: its key may be gone', async () => {
  const verify = createClaimsVerifier({ keys, audience: 'factorial-internal', clock }, serviceAccountOf);
  await keys.refresh();
  const token = await cluster.token({ expiresIn: 20 * 365 * 86_400 });
  const first = await verify(token);
  clock.advance(299_999);
  expect(await verify(token)).toBe(first);
  cluster.rotate('second');
  clock.advance(1);
  await keys.refresh();
  await expect(verify(token)).rejects.toMatchObject({ code: 'unauthorized' });
});

describe('while the API server is away', () => {
  it('the keys that were read serve on, and it is told once', async () => {
    await keys.refresh();
    await cluster.down();
    clock.advance(600_000);
    await keys.refresh();
    await keys.refresh();
    expect(await check()).toBe('jobs/worker undefined');
    expect([keys.isReady(), keys.ageMs()]).toEqual([true, 600_000]);
    expect(log.linesOf('cluster keys cannot be read')).toMatchObject([{ hasOldKeys: true }]);
    await cluster.up();
    await keys.refresh();
    expect(keys.ageMs()).toBe(0);
    expect(log.linesOf('cluster keys read')).toHaveLength(2);
  });

  it('a token with an unknown key cannot be judged: unavailable, not refused', async () => {
    await keys.refresh();
    await cluster.down();
    clock.advance(10_000);
    expect(await check({ kid: 'unknown' })).toBe('identity-unavailable');
  });

  it('no token can be judged when there never were keys, and it goes on trying', async () => {
    await cluster.down();
    keys = createKeys({ retryMs: 10 });
    await keys.start();
    expect(await check()).toBe('identity-unavailable');
    expect([keys.isReady(), keys.ageMs()]).toEqual([false, undefined]);
    await cluster.up();
    await waitUntil(() => keys.isReady(), { what: 'the keys are read' });
    expect(await check()).toBe('jobs/worker undefined');
  });

  it('a request waits no longer than it may when the API server does not answer', async () => {
    const slow = createClusterKeys({
      client: { request: async () => new Promise(() => undefined) },
      logger: log.logger,
      waitMs: 20,
    });
    await expect(slow.candidates({ alg: 'RS256', kid: 'x' })).rejects.toMatchObject({
      code: 'identity-unavailable',
      options: { retryAfterSeconds: 2 },
    });
  });

  it.each([401, 403, 500])('an answer of %i is a failed reading', async (status) => {
    cluster.failWith(status);
    await keys.refresh();
    expect(keys.isReady()).toBe(false);
  });
});

describe('a key set', () => {
  it('is taken without the keys of kinds that are not taken', async () => {
    const good = {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      kid: 'a',
    };
    const jwks = {
      keys: [good, { kty: 'OKP', crv: 'Ed25519', x: 'y' }, 7, { kty: 'oct', k: 'x'.repeat(64) }],
    };
    expect(await keysOfCluster(jwks)).toMatchObject([{ alg: 'ES256', kid: 'a' }]);
  });

  it.each([[{ keys: [] }], [{ keys: [{ kty: 'oct', k: 'x'.repeat(64) }] }], [{}], ['text']])(
    'is refused when it is %j',
    async (jwks) => {
      await expect(keysOfCluster(jwks)).rejects.toBeInstanceOf(Error);
    },
  );
});
