import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker, type TestWorker } from '../../testing/test-worker.ts';

let test: TestApi;
let worker: TestWorker;

beforeAll(async () => {
  test = await startTestApi();
  worker = createTestWorker(test.askInternal);
});
afterAll(async () => test.close());

const result = async (id: string) => test.ask(`/factorial/result?id=${id}`);
const update = async (json: unknown) => test.askInternal('/factorial/update', { json });

it('answers 404 with the known tasks when no worker has announced the task', async () => {
  const answer = await test.ask('/factorial?no=1');
  expect([answer.status, answer.body]).toMatchObject([404, { code: 'task-not-found', knownTasks: [] }]);
});

describe('the article’s flow', () => {
  beforeAll(async () => worker.announce());

  it('answers the id as text, then processing, then the result', async () => {
    const asked = await test.ask('/factorial?no=150000');
    expect(asked.status).toBe(200);
    expect(asked.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(asked.text).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    const before = await result(asked.text);
    expect([before.status, before.body]).toEqual([200, { input: 150_000, output: '', status: 'processing' }]);
    const output = '123'.repeat(100_000);
    await worker.done(await worker.claim(asked.text), output);
    expect((await result(asked.text)).body).toEqual({ input: 150_000, output, status: 'done' });
  });

  it('answers the same id again under one idempotency key', async () => {
    const headers = { 'idempotency-key': 'seed' };
    const first = await test.ask('/factorial?no=7', { headers });
    const second = await test.ask('/factorial?no=7', { headers });
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect((await test.ask('/factorial?no=8', { headers })).status).toBe(422);
  });

  it('says failed, and why', async () => {
    const { text: id } = await test.ask('/factorial?no=3');
    await worker.failed(await worker.claim(id), 'never');
    expect((await result(id)).body).toEqual({
      input: 3,
      output: '',
      status: 'failed',
      error: 'broken: it broke',
    });
  });

  it('puts the number and the id into the message, for workers of the article’s kind', async () => {
    const { text: id } = await test.ask('/factorial?no=12');
    const body = await waitUntil(
      async () => {
        const text = (await test.rabbit.take('factorial_process'))?.content.toString();
        return text?.includes(id) === true ? text : undefined;
      },
      { what: 'the message' },
    );
    expect(JSON.parse(body)).toEqual({ request_id: id, input: 12 });
  });

  it.each([
    ['', 'is missing'],
    ['?no=', 'whole number'],
    ['?no=-1', '0 or more'],
    ['?no=1.5', 'whole number'],
    ['?no=1e5', 'whole number'],
    ['?no=0x10', 'whole number'],
    ['?no=abc', 'whole number'],
    ['?no=%2B5', 'whole number'],
    ['?no=1000001', '<= 1000000'],
    [`?no=${'9'.repeat(400)}`, 'at most 15 digits'],
    ['?no=1&no=2', 'given once'],
  ])('answers 422 that names no and the rule when the query is "%s"', async (query, rule) => {
    const answer = await test.ask(`/factorial${query}`);
    expect([answer.status, answer.body]).toMatchObject([
      422,
      { code: 'invalid-input', errors: [{ pointer: 'no', detail: expect.stringContaining(rule) }] },
    ]);
  });

  it.each(['', '?id=', '?id=a&id=b'])('answers 400 when the id is no id: "%s"', async (query) => {
    expect((await test.ask(`/factorial/result${query}`)).status).toBe(400);
  });

  it('answers 404 when the id is unknown or somebody else’s', async () => {
    const { text: id } = await test.ask('/factorial?no=4');
    expect((await result('unknown')).status).toBe(404);
    const token = await test.clientToken('eve', 'jobs:read');
    expect((await test.ask(`/factorial/result?id=${id}`, { token })).status).toBe(404);
  });
});

describe('POST /factorial/update', () => {
  const asked = async (): Promise<string> => (await test.ask('/factorial?no=5')).text;

  it('claims and completes a job that nobody holds, in one step, and again with the same output', async () => {
    const id = await asked();
    const first = await update({ id, status: 'done', output: '120' });
    expect([first.status, first.text]).toEqual([200, 'OK']);
    expect((await result(id)).body).toEqual({ input: 5, output: '120', status: 'done' });
    expect((await update({ id, status: 'done', output: '120' })).status).toBe(200);
    const other = await update({ id, status: 'done', output: '121' });
    expect([other.status, other.body]).toMatchObject([409, { code: 'stale-attempt' }]);
  });

  it('answers 409 when another worker holds the job', async () => {
    const id = await asked();
    await worker.claim(id);
    expect((await update({ id, status: 'done', output: '120' })).status).toBe(409);
  });

  it('takes a failure', async () => {
    const id = await asked();
    expect((await update({ id, status: 'failed', output: 'no memory' })).status).toBe(200);
    expect((await result(id)).body).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('no memory'),
    });
  });

  it('refuses a number whose digits JSON has lost', async () => {
    const id = await asked();
    for (const digits of ['93326215443944152681', '9'.repeat(400)]) {
      const raw = `{"id":"${id}","status":"done","output":${digits}}`;
      const answer = await test.askInternal('/factorial/update', {
        raw,
        headers: { 'content-type': 'application/json' },
      });
      expect([answer.status, answer.body]).toMatchObject([422, { errors: [{ pointer: '/output' }] }]);
    }
  });

  it('answers 404 when the id is unknown, 410 when it has gone', async () => {
    expect((await update({ id: 'unknown', status: 'done', output: '1' })).status).toBe(404);
    const id = await asked();
    await update({ id, status: 'done', output: '120' });
    await test.ask(`/v1/jobs/${id}`, { method: 'DELETE' });
    expect((await update({ id, status: 'done', output: '120' })).status).toBe(410);
    expect((await result(id)).status).toBe(410);
  });

  it('is for workers only', async () => {
    const answer = await test.askInternal('/factorial/update', {
      json: {},
      token: await test.internalToken('scaler'),
    });
    expect(answer.status).toBe(403);
  });
});
