import { afterEach, beforeEach, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { createKubernetesClient, type KubernetesAnswer } from '../kubernetes/kubernetes-client.ts';
import { startFakeApiServer, type FakeApiServer, type TokenOrder } from '../testing/fake-api-server.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createRecordedLogger, type RecordedLogger } from '../testing/recorded-logger.ts';
import type { ServiceAccountCaller } from './service-account.ts';
import { createTokenReviewer, type ReviewToken, type TokenReviewDeps } from './token-review.ts';

const path = '/apis/authentication.k8s.io/v1/tokenreviews';
let cluster: FakeApiServer;
let clock: FakeClock;
let log: RecordedLogger;
let review: ReviewToken<ServiceAccountCaller>;
let close: () => Promise<void>;

/** As an installation would, of which some accounts are no part. */
const knownOnly = (caller: ServiceAccountCaller): ServiceAccountCaller => {
  if (caller.account.endsWith('/stranger')) throw new AppError('forbidden', 'no part');
  return caller;
};

const reviewerOf = (client: TokenReviewDeps['client'], over: Partial<TokenReviewDeps> = {}) =>
  createTokenReviewer(
    { client, audience: 'factorial-internal', logger: log.logger, clock, ...over },
    knownOnly,
  );

beforeEach(async () => {
  clock = createFakeClock(Date.now());
  log = createRecordedLogger();
  cluster = await startFakeApiServer(clock);
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
  clock.advance(30_000);
  expect(await codeOf(review(token))).toBe('unauthorized');
  expect(cluster.answers(path)).toBe(2);
});

it.each<[string, TokenOrder | string, string]>([
  ['is no token', 'no.token.atall', 'unauthorized'],
  ['is for another audience', { audience: 'factorial' }, 'unauthorized'],
  ['has expired', { expiresIn: -31 }, 'unauthorized'],
  ['is that of an account without a part', { account: 'stranger' }, 'forbidden'],
])('asks nothing about a token that %s', async (_name, order, code) => {
  expect(await codeOf(review(typeof order === 'string' ? order : await cluster.token(order)))).toBe(code);
  expect(cluster.answers(path)).toBe(0);
});

it('asks about so many unknown tokens at a time, and keeps none waiting that it knows', async () => {
  const asked: PromiseWithResolvers<KubernetesAnswer>[] = [];
  const request = async (): Promise<KubernetesAnswer> => {
    const answer = Promise.withResolvers<KubernetesAnswer>();
    asked.push(answer);
    return answer.promise;
  };
  const user = { username: 'system:serviceaccount:jobs:worker' };
  const status = { authenticated: true, audiences: ['factorial-internal'], user };
  const crowded = reviewerOf({ request }, { maxUnknown: 2 });
  const settle = (): void => {
    for (const { resolve } of asked.splice(0)) resolve({ ok: true, status: 201, body: { status } });
  };
  const [known, ...strangers] = await Promise.all(
    ['0', '1', '2', '3'].map(async (pod) => cluster.token({ pod })),
  );
  const first = crowded(known ?? '');
  settle();
  await first;
  clock.advance(60_000);
  const [one, two, three] = strangers.map(async (token) => codeOf(crowded(token)));
  expect(await three).toBe('identity-unavailable');
  const again = codeOf(crowded(known ?? ''));
  expect(asked).toHaveLength(3);
  settle();
  expect(await Promise.all([one, two, again])).toEqual(['accepted', 'accepted', 'accepted']);
  const late = codeOf(crowded(strangers[2] ?? ''));
  settle();
  expect(await late).toBe('accepted');
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

it('takes what it had accepted while the API server is away, and asks again as soon as that is back', async () => {
  const token = await cluster.token();
  await review(token);
  await cluster.down();
  clock.advance(90_000);
  for (const pauseMs of [0, 1_000, 60_000]) {
    clock.advance(pauseMs);
    expect(await codeOf(review(token))).toBe('accepted');
  }
  expect(log.linesOf('tokens cannot be reviewed')).toHaveLength(1);
  cluster.revoke(token);
  await cluster.up();
  clock.advance(2_000);
  expect(await codeOf(review(token))).toBe('unauthorized');
  await cluster.down();
  clock.advance(5_000);
  expect(await codeOf(review(token))).toBe('identity-unavailable');
});

it('takes it no longer than until it expires', async () => {
  const token = await cluster.token({ expiresIn: 90 });
  await review(token);
  await cluster.down();
  clock.advance(90_000);
  expect(await codeOf(review(token))).toBe('identity-unavailable');
});

it('asks once in 2 s about what it had accepted while it gets no answer', async () => {
  let asked = 0;
  const user = { username: 'system:serviceaccount:jobs:worker' };
  const status = { authenticated: true, audiences: ['factorial-internal'], user };
  let answer: KubernetesAnswer = { ok: true, status: 201, body: { status } };
  const reviewer = reviewerOf({
    request: async () => {
      asked += 1;
      return Promise.resolve(answer);
    },
  });
  const token = await cluster.token();
  await reviewer(token);
  answer = { ok: false, kind: 'timeout', reason: 'Timeout' };
  clock.advance(60_000);
  for (const pauseMs of [0, 1_999, 1]) {
    clock.advance(pauseMs);
    await reviewer(token);
  }
  expect(asked).toBe(3);
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
