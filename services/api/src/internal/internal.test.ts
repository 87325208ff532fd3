import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { poolResponseSchema } from '@factorial/core/internal/protocol';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { createTestWorker, factorialTask, type TestWorker } from '../testing/test-worker.ts';

let test: TestApi;
let worker: TestWorker;

beforeAll(async () => {
  test = await startTestApi();
  worker = createTestWorker(test.askInternal);
  await worker.announce();
});
afterAll(async () => test.close());

const submitted = async (): Promise<string> => (await test.ask('/factorial?no=5')).text;
const put = async (path: string, json: unknown) => test.askInternal(path, { method: 'PUT', json });

describe('PUT /internal/v1/tasks/{name}', () => {
  it('makes the task known to clients', async () => {
    const second = { ...factorialTask, name: 'second', version: '7' };
    await worker.announce(second);
    const answer = await test.ask('/v1/tasks/second', { token: '' });
    expect([answer.status, answer.body]).toMatchObject([200, { version: '7', limits: { maxAttempts: 3 } }]);
    const all = await test.ask('/v1/tasks', { token: '' });
    expect(all.body).toMatchObject({ tasks: [{ name: 'factorial' }, { name: 'second' }] });
    expect((await test.ask('/v1/tasks/third', { token: '' })).body).toMatchObject({ code: 'task-not-found' });
  });

  it('lets the newest schema decide at once', async () => {
    const narrow = { type: 'object', properties: { n: { maximum: 3 } } };
    await worker.announce({ ...factorialTask, name: 'narrow' });
    const submit = async () =>
      (await test.ask('/v1/jobs', { json: { task: 'narrow', input: { n: 4 } } })).status;
    expect(await submit()).toBe(202);
    await worker.announce({ ...factorialTask, name: 'narrow', input: narrow });
    expect(await submit()).toBe(422);
  });

  it('refuses a schema that is none, and another name than its own', async () => {
    const bad = await put('/internal/v1/tasks/factorial', { ...factorialTask, input: { type: 'nothing' } });
    expect([bad.status, bad.body]).toMatchObject([422, { errors: [{ pointer: '/input' }] }]);
    expect((await put('/internal/v1/tasks/other', factorialTask)).status).toBe(400);
  });
});

describe('POST /internal/v1/claims', () => {
  it('answers each delivery of a batch, in their order', async () => {
    const [free, cancelled] = [await submitted(), await submitted()];
    await test.ask(`/v1/jobs/${cancelled}/cancel`, { method: 'POST' });
    const deliveries = [cancelled, 'unknown', free, free].map((id, index) => ({ id, nonce: `n${index}` }));
    const { body } = await test.askInternal('/internal/v1/claims', {
      json: { worker: 'w1', pool: factorialTask.pool, deliveries },
    });
    expect(body).toMatchObject({
      claims: [
        { outcome: 'terminal' },
        { outcome: 'gone' },
        { outcome: 'ok', id: free, attempt: 1, task: 'factorial', input: { n: 5 }, runTimeoutSeconds: 300 },
        { outcome: 'busy' },
      ],
    });
  });

  it('hands the client’s trace context on', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { text: id } = await test.ask('/factorial?no=5', { headers: { traceparent } });
    const json = { worker: 'w1', pool: factorialTask.pool, deliveries: [{ id, nonce: 'n' }] };
    const { body } = await test.askInternal('/internal/v1/claims', { json });
    expect(body).toMatchObject({ claims: [{ traceparent }] });
  });

  it('answers 422 when the batch is none', async () => {
    const answer = await test.askInternal('/internal/v1/claims', {
      json: { worker: 'w1', pool: 'p', deliveries: [] },
    });
    expect([answer.status, answer.body]).toMatchObject([422, { errors: [{ pointer: '/deliveries' }] }]);
  });
});

describe('POST /internal/v1/outcomes', () => {
  it('takes a result once: again is the same, another is stale, a lost job gone', async () => {
    const claimed = await worker.claim(await submitted());
    expect(await worker.done({ ...claimed, attempt: 2 }, '1')).toBe('stale');
    expect(await worker.done(claimed, '120')).toBe('ok');
    expect(await worker.done(claimed, '120')).toBe('same');
    expect(await worker.done(claimed, '121')).toBe('stale');
    expect(await worker.done({ ...claimed, id: 'unknown' }, '1')).toBe('gone');
  });

  it('compresses what is over 1 KiB, and nothing below', async () => {
    const [small, large] = [await worker.claim(await submitted()), await worker.claim(await submitted())];
    await worker.done(small, '7'.repeat(1_024));
    await worker.done(large, '7'.repeat(1_025));
    const encodingOf = async (id: string) => test.redis.redis.hget(test.redis.keys.job(id), 'outputEncoding');
    expect([await encodingOf(small.id), await encodingOf(large.id)]).toEqual(['identity', 'gzip']);
    expect(await test.redis.redis.strlen(test.redis.keys.output(large.id))).toBeLessThan(100);
  });

  it('stores an unusable media type as mere bytes', async () => {
    const claimed = await worker.claim(await submitted());
    await worker.done(claimed, 'x', 'text/plain\r\nset-cookie: a=b');
    const { headers } = await test.ask(`/v1/jobs/${claimed.id}/output`);
    expect([headers.get('content-type'), headers.get('set-cookie')]).toEqual([
      'application/octet-stream',
      null,
    ]);
  });

  it('sets a failed attempt back by the delay that it asks for, or by a growing one', async () => {
    const delayOf = async (retry: 'later' | 'backoff', delaySeconds?: number): Promise<number> => {
      const claimed = await worker.claim(await submitted());
      await worker.failed(claimed, retry, delaySeconds);
      return Number(await test.redis.redis.hget(test.redis.keys.job(claimed.id), 'notBefore')) - Date.now();
    };
    expect(await delayOf('later', 500)).toBeGreaterThan(400_000);
    expect(await delayOf('later')).toBeGreaterThan(20_000);
    expect(await delayOf('backoff')).toBeLessThanOrEqual(2_000);
  });

  it('gives a released job back with its try', async () => {
    const claimed = await worker.claim(await submitted());
    const json = { outcomes: [{ ...claimed, result: 'released' }] };
    expect((await test.askInternal('/internal/v1/outcomes', { json })).body).toEqual({ answers: ['ok'] });
    expect((await worker.claim(claimed.id)).attempt).toBe(2);
    expect(await test.redis.redis.hget(test.redis.keys.job(claimed.id), 'tries')).toBe('1');
  });
});

describe('workers and pools', () => {
  const beat = async (name: string, changes: object = {}) =>
    put(`/internal/v1/workers/${name}`, {
      pool: 'p2',
      slots: 2,
      state: 'active',
      startedAt: Date.now() - 5_000,
      held: 1,
      jobs: [],
      ...changes,
    });
  const running = [{ id: 'x', attempt: 1, token: 't', runningMs: 4_000 }];

  it('are reported to the scaler as their heartbeats say', async () => {
    await beat('idle');
    expect((await beat('busy', { jobs: running })).body).toEqual({
      cancel: [],
      lost: [{ id: 'x', attempt: 1 }],
      drain: false,
      paused: false,
    });
    const { body } = await test.askInternal('/internal/v1/pools/p2');
    const report = poolResponseSchema.parse(body);
    expect(report).toMatchObject({
      pool: 'p2',
      waiting: 0,
      processing: 1,
      oldestWaitMs: 0,
      announced: false,
    });
    const told = await test.askInternal('/internal/v1/pools/factorial');
    expect(poolResponseSchema.parse(told.body)).toMatchObject({ announced: true });
    const busy = report.workers.find(({ id }) => id === 'busy');
    expect(busy).toMatchObject({ slots: 2, busy: 1, state: 'active', runningMs: 4_000 });
    expect(busy?.ageMs).toBeGreaterThanOrEqual(5_000);
    const queue = await test.ask('/v1/queue');
    expect(queue.body).toMatchObject({
      pools: expect.arrayContaining([
        expect.objectContaining({ pool: 'p2', inFlight: 1, workers: { busy: 1, idle: 1, draining: 0 } }),
      ]),
    });
  });

  it('are asked to drain when they are idle, and hear of it with their next beat', async () => {
    await beat('idle');
    await beat('busy', { jobs: running });
    const json = { workers: ['idle', 'busy', 'unknown'], ttlSeconds: 60 };
    const answer = await test.askInternal('/internal/v1/pools/p2/drain', { json });
    expect(answer.body).toEqual({ draining: ['idle'] });
    expect((await beat('idle')).body).toMatchObject({ drain: true });
    expect((await beat('busy')).body).toMatchObject({ drain: false });
  });

  it('are not asked while they still say that they drain: that would look like an answer to the new request', async () => {
    await beat('idle');
    await beat('drained', { state: 'draining' });
    const json = { workers: ['idle', 'drained'], ttlSeconds: 60 };
    expect((await test.askInternal('/internal/v1/pools/p2/drain', { json })).body).toEqual({
      draining: ['idle'],
    });
  });

  it('need not drain any more when the request is taken back, even where they are busy by now', async () => {
    await beat('asked');
    const ask = async (ttlSeconds: number) =>
      test.askInternal('/internal/v1/pools/p2/drain', { json: { workers: ['asked'], ttlSeconds } });
    expect((await ask(60)).body).toEqual({ draining: ['asked'] });
    expect((await beat('asked', { jobs: running })).body).toMatchObject({ drain: true });
    expect((await ask(0)).body).toEqual({ draining: [] });
    expect((await beat('asked', { jobs: running })).body).toMatchObject({ drain: false });
  });

  it('have a scaler that says why it does what it does', async () => {
    await beat('idle');
    const json = { decision: 'scale', reason: 'steady', restricted: 'window', replicas: 2 };
    expect((await test.askInternal('/internal/v1/pools/p2/scaler', { json })).status).toBe(200);
    expect((await test.ask('/v1/queue')).body).toMatchObject({
      pools: expect.arrayContaining([expect.objectContaining({ pool: 'p2', scaler: json })]),
    });
    expect(await test.redis.redis.pttl(test.redis.keys.scaler('p2'))).toBeGreaterThan(0);
    const wrong = { decision: 'guess', reason: 'x' };
    expect((await test.askInternal('/internal/v1/pools/p2/scaler', { json: wrong })).status).toBe(422);
  });

  it('are forgotten when they say goodbye', async () => {
    await beat('leaving');
    expect(
      (await test.askInternal('/internal/v1/workers/leaving?pool=p2', { method: 'DELETE' })).status,
    ).toBe(204);
    const { body } = await test.askInternal('/internal/v1/pools/p2');
    expect(poolResponseSchema.parse(body).workers.map(({ id }) => id)).not.toContain('leaving');
  });
});
