import { startTcpProxy, type TcpProxy } from '@factorial/core/testing/tcp-proxy';
import { brokerUrls } from '@factorial/core/testing/broker-urls';
import { createTestRabbit } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type Answer, type TestApi } from './testing/test-api.ts';
import { createTestWorker, type TestWorker } from './testing/test-worker.ts';

let test: TestApi;
let worker: TestWorker;
let redis: TcpProxy;
let rabbit: TcpProxy;
let closeVhost: () => Promise<void>;

beforeAll(async () => {
  redis = await startTcpProxy(brokerUrls().redisUrl);
  const vhost = await createTestRabbit();
  closeVhost = async () => vhost.close();
  rabbit = await startTcpProxy(vhost.amqpUrl);
  test = await startTestApi({ redisUrl: redis.url, amqpUrl: rabbit.url });
  worker = createTestWorker(test.askInternal);
  await worker.announce();
});
afterAll(async () => {
  await test.close();
  await redis.close();
  await rabbit.close();
  await closeVhost();
});

const submit = async (): Promise<Answer> =>
  test.ask('/v1/jobs', { json: { task: 'factorial', input: { n: 1 } } });

const timed = async (ask: () => Promise<Answer>): Promise<{ answer: Answer; ms: number }> => {
  const started = performance.now();
  const answer = await ask();
  return { answer, ms: performance.now() - started };
};

const expectUnavailable = async (ask: () => Promise<Answer>, code: string): Promise<void> => {
  const { answer, ms } = await timed(ask);
  expect([answer.status, answer.body]).toMatchObject([503, { code, retryAfterSeconds: expect.any(Number) }]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(ms).toBeLessThan(2_000);
};

const readiness = async () => {
  const response = await fetch(`${test.api.ops.address().url}/readyz`);
  return { status: response.status, body: await response.json() };
};

const recovers = async (): Promise<void> => {
  await waitUntil(async () => (await submit()).status === 202, {
    what: 'jobs are taken in again',
    timeoutMs: 15_000,
  });
  await waitUntil(async () => (await readiness()).status === 200, {
    what: 'the api is ready again',
    timeoutMs: 15_000,
  });
};

describe('without Redis', () => {
  it('answers 503 at once when it refuses connections, and recovers by itself', async () => {
    await redis.down();
    await expectUnavailable(submit, 'store-unavailable');
    await expectUnavailable(async () => test.ask('/v1/jobs/x'), 'store-unavailable');
    await expectUnavailable(
      async () => test.ask('/v1/stream-tickets', { method: 'POST' }),
      'store-unavailable',
    );
    const ticket = `?ticket=${'x'.repeat(43)}`;
    await expectUnavailable(async () => test.ask(`/v1/jobs/x/events${ticket}`), 'store-unavailable');
    await expectUnavailable(async () => test.ask(`/v1/ws${ticket}`), 'store-unavailable');
    await expectUnavailable(
      async () => test.ask('/v1/jobs/batch', { json: { jobs: [{ task: 'factorial', input: { n: 1 } }] } }),
      'store-unavailable',
    );
    expect(await readiness()).toMatchObject({ status: 200 });
    await redis.up();
    await recovers();
  });

  it('answers 503 within 2 s when it hangs, and recovers by itself', async () => {
    redis.freeze();
    await expectUnavailable(submit, 'store-unavailable');
    expect(await readiness()).toMatchObject({ status: 200 });
    redis.thaw();
    await recovers();
  });

  it('wakes who waits through a short break, when the job ended meanwhile', async () => {
    const { text: id } = await test.ask('/factorial?no=9');
    const claimed = await worker.claim(id);
    const waiting = test.ask(`/v1/jobs/${id}`, { headers: { prefer: 'wait=20' } });
    await waitUntil(
      async () =>
        (await fetch(`${test.api.ops.address().url}/metrics`))
          .text()
          .then((text) => /api_long_polls\{[^}]*\} 1/.test(text)),
      { what: 'somebody waits' },
    );
    redis.cut();
    // The end is written past the api: nobody is told of it.
    await test.redis.redis.hset(test.redis.keys.job(id), 'status', 'cancelled', 'finishedAt', Date.now());
    expect((await waiting).body).toMatchObject({ status: 'cancelled' });
    expect(claimed.attempt).toBe(1);
  });
});

describe('without RabbitMQ', () => {
  it('answers 503 before anything is written, and recovers by itself', async () => {
    await rabbit.down();
    await waitUntil(async () => (await submit()).status === 503, { what: 'the loss is noticed' });
    const before = await test.redis.redis.zcard(test.redis.keys.due);
    await expectUnavailable(submit, 'queue-unavailable');
    expect(await test.redis.redis.zcard(test.redis.keys.due)).toBe(before);
    expect(await readiness()).toMatchObject({ status: 200 });
    expect((await test.ask('/v1/jobs')).status).toBe(200);
    await rabbit.up();
    await recovers();
  });
});

describe('an api that has not reached a broker yet', () => {
  it('is not ready, and names whom it misses', async () => {
    await rabbit.down();
    const young = await startTestApi({ amqpUrl: rabbit.url, untilReady: false });
    const readyz = async () => fetch(`${young.api.ops.address().url}/readyz`);
    const failing = async (): Promise<unknown> => (await readyz()).json();
    const onlyTheBroker = { failing: ['rabbitmq'] };
    await waitUntil(async () => JSON.stringify(await failing()).includes('["rabbitmq"]'), {
      what: 'all else is there',
    });
    expect(await failing()).toMatchObject(onlyTheBroker);
    await rabbit.up();
    await waitUntil(async () => (await readyz()).ok, { what: 'it is ready', timeoutMs: 15_000 });
    await young.close();
  });
});
