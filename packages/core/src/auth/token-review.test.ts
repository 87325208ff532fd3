import { afterEach, beforeEach, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { createKubernetesClient, type KubernetesAnswer } from '../kubernetes/kubernetes-client.ts';
import { startFakeApiServer, type FakeApiServer } from '../testing/fake-api-server.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createRecordedLogger, type RecordedLogger } from '../testing/recorded-logger.ts';
import { createTokenReviewer, type ReviewToken, type TokenReviewDeps } from './token-review.ts';

const path = '/apis/authentication.k8s.io/v1/tokenreviews';
let cluster: FakeApiServer;
let clock: FakeClock;
let log: RecordedLogger;
let review: ReviewToken;
let close: () => Promise<void>;

const reviewerOf = (client: TokenReviewDeps['client'], cacheSize = 1_000): ReviewToken =>
  createTokenReviewer({ client, audience: 'factorial-internal', logger: log.logger, clock, cacheSize });

beforeEach(async () => {
  clock = createFakeClock(Date.now());
  log = createRecordedLogger();
  cluster = await startFakeApiServer();
  const client = createKubernetesClient({ ...cluster, timeoutMs: 1_000 });
  review = reviewerOf(client);
  close = async () => {
    await client.close();
    await cluster.close();
  };
});
afterEach(async () => close());

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

it('tells the account and the pod of a good token', async () => {
  expect(await review(await cluster.token({ pod: 'pod-1' }))).toEqual({
    account: 'jobs/worker',
    pod: 'pod-1',
  });
});

it('refuses a token when its pod is gone, and one for another audience', async () => {
  const token = await cluster.token({ pod: 'pod-1' });
  cluster.revoke(token);
  expect(await codeOf(review(token))).toBe('unauthorized');
  expect(await codeOf(review(await cluster.token({ audience: 'factorial' })))).toBe('unauthorized');
  expect(await codeOf(review('x'.repeat(9_000)))).toBe('unauthorized');
});

it('asks once a minute about a token that was accepted', async () => {
  const token = await cluster.token();
  await Promise.all([review(token), review(token), review(token)]);
  clock.advance(59_999);
  cluster.revoke(token);
  expect(await codeOf(review(token))).toBe('accepted');
  expect(cluster.answers(path)).toBe(1);
  clock.advance(1);
  expect(await codeOf(review(token))).toBe('unauthorized');
});

it('forgets what it was told when the token expires', async () => {
  const token = await cluster.token({ expiresIn: 10 });
  await review(token);
  clock.advance(10_000);
  await review(token);
  expect(cluster.answers(path)).toBe(2);
});

it('asks once in 5 s about a token that was refused', async () => {
  const token = await cluster.token();
  cluster.revoke(token);
  for (const pauseMs of [4_999, 1, 0]) {
    expect(await codeOf(review(token))).toBe('unauthorized');
    clock.advance(pauseMs);
  }
  expect(cluster.answers(path)).toBe(2);
});

it('cannot tell while the API server is away, says so once, and remembers nothing of it', async () => {
  const token = await cluster.token();
  await cluster.down();
  await expect(review(token)).rejects.toMatchObject({
    code: 'identity-unavailable',
    options: { retryAfterSeconds: 2 },
  });
  expect(await codeOf(review(token))).toBe('identity-unavailable');
  expect(log.linesOf('tokens cannot be reviewed')).toHaveLength(1);
  await cluster.up();
  expect(await codeOf(review(token))).toBe('accepted');
});

it.each<[string, KubernetesAnswer, string]>([
  ['may not ask', { ok: false, kind: 'status', status: 403, reason: 'Forbidden' }, 'identity-unavailable'],
  ['is told something else', { ok: true, status: 201, body: { kind: 'Pod' } }, 'identity-unavailable'],
  [
    'hears of no audience',
    {
      ok: true,
      status: 201,
      body: { status: { authenticated: true, user: { username: 'system:serviceaccount:a:b' } } },
    },
    'unauthorized',
  ],
  [
    'hears of a person',
    {
      ok: true,
      status: 201,
      body: {
        status: { authenticated: true, audiences: ['factorial-internal'], user: { username: 'admin' } },
      },
    },
    'forbidden',
  ],
])('lets nobody in when it %s', async (_name, answer, code) => {
  const token = await cluster.token();
  expect(await codeOf(reviewerOf({ request: async () => Promise.resolve(answer) })(token))).toBe(code);
});

it('waits as long as the API server asks for', async () => {
  const busy: KubernetesAnswer = {
    ok: false,
    kind: 'status',
    status: 429,
    reason: 'TooManyRequests',
    retryAfterSeconds: 9,
  };
  const asked = reviewerOf({ request: async () => Promise.resolve(busy) })(await cluster.token());
  await expect(asked).rejects.toMatchObject({ options: { retryAfterSeconds: 9 } });
});
