import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobViewSchema, type JobView } from '../../jobs/job-view.ts';
import { startTestApi, type Answer, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker, type TestWorker } from '../../testing/test-worker.ts';

let test: TestApi;
let worker: TestWorker;

beforeAll(async () => {
  test = await startTestApi();
  worker = createTestWorker(test.askInternal);
  await worker.announce();
});
afterAll(async () => test.close());

const viewOf = (answer: Answer): JobView => jobViewSchema.parse(answer.body);
const submitted = async (n = 10): Promise<string> =>
  viewOf(await test.ask('/v1/jobs', { json: { task: 'factorial', input: { n } } })).id;
const look = async (id: string): Promise<JobView> => viewOf(await test.ask(`/v1/jobs/${id}`));

describe('GET /v1/jobs/{id}', () => {
  it('shows the job through its life', async () => {
    const id = await submitted();
    expect(await look(id)).toMatchObject({ status: 'queued', attempt: 0, outputBytes: null });
    const claimed = await worker.claim(id);
    await test.askInternal('/internal/v1/progress', {
      json: { progress: [{ ...claimed, value: 0.5, message: 'half' }] },
    });
    expect(await look(id)).toMatchObject({
      status: 'processing',
      attempt: 1,
      progress: { value: 0.5, message: 'half' },
    });
    expect(await worker.done(claimed, '3628800')).toBe('ok');
    const done = await look(id);
    expect(done).toMatchObject({ status: 'done', output: '3628800', outputBytes: 7 });
    expect(done.finishedAt).not.toBeNull();
    expect(done.position).toBeUndefined();
  });

  it('shows a JSON output as a value', async () => {
    const id = await submitted();
    await worker.done(await worker.claim(id), { digits: [1, 2], text: 'ü' }, 'application/json');
    expect((await look(id)).output).toEqual({ digits: [1, 2], text: 'ü' });
  });

  it('shows where the output is when it is over 64 KiB or no text', async () => {
    const [large, binary] = [await submitted(), await submitted()];
    await worker.done(await worker.claim(large), '7'.repeat(65_537));
    await worker.done(await worker.claim(binary), 'x', 'image/png');
    for (const id of [large, binary]) {
      const job = await look(id);
      expect([job.output, job.outputUrl]).toEqual([undefined, `/v1/jobs/${id}/output`]);
    }
  });

  it('shows why it failed, or that it will be tried again', async () => {
    const [ended, again] = [await submitted(), await submitted()];
    await worker.failed(await worker.claim(ended), 'never');
    await worker.failed(await worker.claim(again), 'later', 60);
    expect(await look(ended)).toMatchObject({
      status: 'failed',
      error: { code: 'broken', message: 'it broke', retryable: false },
    });
    expect(await look(again)).toMatchObject({
      status: 'queued',
      statusDetail: expect.stringMatching(/attempt 1 failed with broken, next not before/),
    });
  });

  it('answers 304 when nothing has changed since the ETag', async () => {
    const id = await submitted();
    await worker.done(await worker.claim(id), '1');
    const etag = (await test.ask(`/v1/jobs/${id}`)).headers.get('etag') ?? '';
    const again = await test.ask(`/v1/jobs/${id}`, { headers: { 'if-none-match': `W/${etag}, "x"` } });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await test.ask(`/v1/jobs/${id}`, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });

  it('waits for the end when asked to', async () => {
    const id = await submitted();
    const claimed = await worker.claim(id);
    const waiting = test.ask(`/v1/jobs/${id}`, { headers: { prefer: 'respond-async, wait=20' } });
    await expect
      .poll(async () => (await fetch(`${test.api.ops.address().url}/metrics`)).text())
      .toMatch(/api_long_polls\{[^}]*\} 1/);
    await worker.done(claimed, '42');
    const answer = await waiting;
    expect(answer.headers.get('preference-applied')).toBe('wait=20');
    expect(viewOf(answer)).toMatchObject({ status: 'done', output: '42' });
  });

  it('answers 404 when it is somebody else’s, unless the caller is an admin', async () => {
    const id = await submitted();
    const [stranger, admin] = [
      await test.clientToken('eve', 'jobs:read', 'jobs:write'),
      await test.clientToken('root', 'admin'),
    ];
    for (const [path, method] of [
      ['', 'GET'],
      ['/output', 'GET'],
      ['/cancel', 'POST'],
      ['/retry', 'POST'],
      ['', 'DELETE'],
    ]) {
      const answer = await test.ask(`/v1/jobs/${id}${path}`, { method: method ?? '', token: stranger });
      expect([answer.status, answer.body]).toMatchObject([404, { code: 'job-not-found' }]);
    }
    expect((await test.ask(`/v1/jobs/${id}`, { token: admin })).status).toBe(200);
  });
});

describe('cancel, retry, delete', () => {
  it('cancels a queued job at once, and only once', async () => {
    const id = await submitted();
    const answer = await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect([answer.status, viewOf(answer).status]).toEqual([200, 'cancelled']);
    const again = await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect([again.status, again.body]).toMatchObject([409, { code: 'wrong-state', jobStatus: 'cancelled' }]);
    expect(await worker.claimOutcome(id)).toBe('terminal');
  });

  it('tells the worker of a running one with its next heartbeat', async () => {
    const id = await submitted();
    const { attempt, token } = await worker.claim(id);
    await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    const jobs = [{ id, attempt, token, runningMs: 5 }];
    const json = { pool: 'factorial', slots: 1, state: 'active', startedAt: Date.now(), held: 0, jobs };
    const beat = await test.askInternal('/internal/v1/workers/w1', { method: 'PUT', json });
    expect(beat.body).toEqual({ cancel: [{ id, attempt }], lost: [], drain: false, paused: false });
  });

  it('runs a failed or cancelled job again under its id', async () => {
    const id = await submitted();
    await worker.failed(await worker.claim(id), 'never');
    const answer = await test.ask(`/v1/jobs/${id}/retry`, { method: 'POST' });
    expect([answer.status, viewOf(answer).status]).toEqual([202, 'queued']);
    await worker.done(await worker.claim(id), '1');
    expect(await look(id)).toMatchObject({ status: 'done', attempt: 2 });
    const again = await test.ask(`/v1/jobs/${id}/retry`, { method: 'POST' });
    expect([again.status, again.body]).toMatchObject([409, { code: 'wrong-state' }]);
  });

  it('says of a running job that was cancelled and is wanted again that its owner wants it', async () => {
    const id = await submitted();
    await worker.claim(id);
    await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await test.ask(`/v1/jobs/${id}/retry`, { method: 'POST' });
    expect(await look(id)).toMatchObject({
      status: 'queued',
      statusDetail: 'its owner wants it again after attempt 1',
    });
  });

  it('deletes an ended job, whose id answers 410 with what is known of it', async () => {
    const id = await submitted();
    expect((await test.ask(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(409);
    await worker.done(await worker.claim(id), '1');
    expect((await test.ask(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);
    const gone = await test.ask(`/v1/jobs/${id}`);
    expect([gone.status, gone.body]).toMatchObject([
      410,
      { code: 'job-expired', task: 'factorial', finalStatus: 'done' },
    ]);
    const stranger = await test.clientToken('eve', 'jobs:read');
    expect((await test.ask(`/v1/jobs/${id}`, { token: stranger })).status).toBe(404);
  });
});
