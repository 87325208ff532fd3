import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServices, stopServices } from '@factorial/core/lifecycle/run-services';
import { createMetrics, type Metrics } from '@factorial/core/ops/metrics';
import { createTestRabbit, type TestRabbit } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '@factorial/core/config/load-config';
import { configSchema } from './config.ts';
import { createWorker, type WorkerParts } from './create-worker.ts';
import { residentBytes } from './runner/resident-memory.ts';
import { loadTasks } from './tasks/load-tasks.ts';
import { type FakeApi, startFakeApi } from './testing/fake-api.ts';

const logger = pino({ level: 'silent' });
const folders = ['testing/fixture-task', 'tasks/factorial'].map((path) => join(import.meta.dirname, path));

describe('a worker on a real queue', () => {
  let rabbit: TestRabbit;
  let api: FakeApi;
  let folder: string;
  let pool: string;
  let worker: WorkerParts;
  let metrics: Metrics;
  let stops: (Error | 'drained')[];

  beforeAll(async () => {
    rabbit = await createTestRabbit();
  });
  afterAll(async () => rabbit.close());

  const queue = (): string => `${pool}_process`;

  const send = async (...ids: string[]): Promise<void> => {
    await rabbit.sendAll(
      queue(),
      ids.map((id) => JSON.stringify({ request_id: id, input: 1 })),
    );
  };

  const create = async (env: Record<string, string> = {}): Promise<WorkerParts> => {
    const config = loadConfig(configSchema, {
      AMQP_URL: rabbit.amqpUrl,
      INTERNAL_URL: api.url,
      INTERNAL_TOKEN_FILE: join(folder, 'token'),
      POOL: pool,
      ...env,
    });
    metrics = createMetrics('worker');
    return createWorker({
      config,
      workerId: 'w1',
      tasks: await loadTasks({ folders, pool, env: {} }),
      logger,
      metrics,
      onStop: (reason) => stops.push(reason),
    });
  };

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    worker = await create(env);
    await startServices(worker.services);
  };

  const stop = async (graceMs = 0): Promise<void> => {
    const error = await stopServices(
      worker.services,
      graceMs > 0 ? AbortSignal.timeout(graceMs) : AbortSignal.abort(),
    );
    expect(error).toBeUndefined();
  };

  const isAllAcknowledged = async (): Promise<boolean> => (await rabbit.queueCounts(queue()))?.ready === 0;

  const outcome = async (id: string) =>
    waitUntil(() => api.outcomeOf(id), { what: `an outcome of ${id}`, timeoutMs: 10_000 });

  /** Adds a job that goes on until it is stopped. @returns its runner's process id. */
  const startLongJob = async (id: string, how: 'spin' | 'hang' = 'spin'): Promise<number> => {
    const file = join(folder, id);
    api.add(id, { input: { do: how, file } });
    await send(id);
    return Number(
      await waitUntil(async () => readFile(file, 'utf8').catch(() => ''), {
        what: 'the run is under way',
        timeoutMs: 10_000,
      }).then(async (text) => text || readFile(file, 'utf8')),
    );
  };

  beforeEach(async () => {
    pool = `p-${randomUUID().slice(0, 8)}`;
    folder = await mkdtemp(join(tmpdir(), 'worker-'));
    await writeFile(join(folder, 'token'), 'worker-token\n');
    api = await startFakeApi();
    stops = [];
  });
  afterEach(async () => {
    await stop();
    await api.close();
    await rm(folder, { recursive: true });
  });

  it('announces its tasks, beats, computes and tells the output', async () => {
    await start();
    expect(api.announced.toSorted()).toEqual(['factorial', 'fixture']);
    api.add('a', { task: 'factorial', input: { n: 20 } });
    await send('a');
    expect(await outcome('a')).toMatchObject({
      result: 'done',
      attempt: 1,
      token: 't-1',
      output: '2432902008176640000',
      mediaType: 'text/plain',
    });
    await waitUntil(() => api.beats.some(({ state }) => state === 'active'), { what: 'a beat says active' });
    expect(api.beats.find(({ coldStartMs }) => coldStartMs > 0)).toMatchObject({ pool, slots: 1 });
    expect(Object.values(worker.checks).every((check) => check())).toBe(true);
  });

  it('uploads an output above 256 KiB and refers to it', async () => {
    await start();
    api.add('a', { task: 'factorial', input: { n: 70_000 } });
    await send('a');
    expect(await outcome('a')).toMatchObject({ result: 'done-uploaded' });
    const upload = api.uploads.get('a');
    expect(upload).toMatchObject({ mediaType: 'text/plain', attempt: '1' });
    expect(upload?.body.toString()).toMatch(/^\d{308760}$/);
  });

  it('works many small jobs off in batches, each once', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `j${index}`);
    for (const id of ids) api.add(id, { task: 'factorial', input: { n: 5 } });
    await start();
    await send(...ids);
    await waitUntil(() => api.outcomes.length >= ids.length, { what: 'all are done', timeoutMs: 15_000 });
    expect(new Set(api.outcomes.map(({ id }) => id)).size).toBe(ids.length);
    expect(api.outcomes).toHaveLength(ids.length);
    await waitUntil(isAllAcknowledged, { what: 'the queue is empty' });
  });

  it('tells a failure with its code and what to do next', async () => {
    await start();
    api.add('a', { input: { do: 'refuse' } });
    api.add('b', { input: { do: 'later' } });
    api.add('c', { task: 'unknown' });
    await send('a', 'b', 'c');
    expect(await outcome('a')).toMatchObject({
      result: 'failed',
      retry: 'never',
      error: { code: 'bad-picture' },
    });
    expect(await outcome('b')).toMatchObject({ result: 'failed', retry: 'later', delaySeconds: 7 });
    expect(await outcome('c')).toMatchObject({ retry: 'backoff', error: { code: 'task-not-served' } });
  });

  it('tells progress of a running job', async () => {
    await start();
    api.add('a', { task: 'factorial', input: { n: 400_000 } });
    await send('a');
    const update = await waitUntil(() => api.progress[0], { what: 'progress', timeoutMs: 10_000 });
    expect(update).toMatchObject({ id: 'a', attempt: 1, token: 't-1' });
    expect(update.value).toBeGreaterThan(0);
  });

  it('acknowledges without running when the job is final, gone or held by somebody', async () => {
    await start();
    api.answerClaim('final', { outcome: 'terminal' });
    api.answerClaim('held', { outcome: 'busy', retryAfterMs: 0 });
    await send('final', 'held', 'unknown');
    await waitUntil(() => api.nonces.length === 3, { what: 'three claims' });
    await stop();
    expect(await rabbit.queueCounts(queue())).toMatchObject({ ready: 0 });
    expect(api.outcomes).toEqual([]);
  });

  it('asks again with the same nonce when the holder may be dead', async () => {
    await start();
    api.add('a', { input: { do: 'echo' } });
    api.answerClaim('a', { outcome: 'busy', retryAfterMs: 150 });
    await send('a');
    expect(await outcome('a')).toMatchObject({ result: 'done', attempt: 1 });
    expect(new Set(api.nonces).size).toBe(1);
    expect(api.nonces).toHaveLength(2);
  });

  it('leaves a job whose holder proves alive again and again to the sweeper', async () => {
    await start();
    const busy = { outcome: 'busy' as const, retryAfterMs: 20 };
    api.answerClaim('a', busy, busy, busy, busy);
    await send('a');
    await waitUntil(() => api.nonces.length === 3, { what: 'three claims' });
    await stop();
    expect(await rabbit.queueCounts(queue())).toMatchObject({ ready: 0 });
    expect(api.nonces).toHaveLength(3);
  });

  it('tells the outcome in the end when the api fails in between', async () => {
    await start();
    api.fail('/claims', 503, 2);
    api.fail('/outcomes', 500, 3);
    api.add('a', { input: { do: 'echo' } });
    await send('a');
    expect(await outcome('a')).toMatchObject({ result: 'done' });
    expect(new Set(api.nonces).size).toBe(1);
  });

  it('reads its token again when it was refused', async () => {
    await writeFile(join(folder, 'token'), 'old-token');
    const starting = start();
    await writeFile(join(folder, 'token'), 'worker-token');
    await starting;
    expect(api.announced).toContain('fixture');
  });

  it('stops a cancelled run within 3 s, tells nothing of it, and runs the next', async () => {
    await start();
    const pid = await startLongJob('a');
    api.add('b', { input: { do: 'echo' } });
    await send('b');
    const startMs = performance.now();
    api.answerBeats({ cancel: [{ id: 'a', attempt: 1 }] });
    expect(await outcome('b')).toMatchObject({ result: 'done' });
    expect(performance.now() - startMs).toBeLessThan(3_000);
    expect(residentBytes(pid)).toBeUndefined();
    expect(api.outcomeOf('a')).toBeUndefined();
    await waitUntil(isAllAcknowledged, { what: 'the queue is empty' });
  });

  it('stops a run that is not its own any more', async () => {
    await start();
    const pid = await startLongJob('a', 'hang');
    api.answerBeats({ lost: [{ id: 'a', attempt: 1 }] });
    await waitUntil(() => residentBytes(pid) === undefined, { what: 'the runner is gone' });
    expect(api.outcomeOf('a')).toBeUndefined();
  });

  it('fails a run that passes its time limit', async () => {
    await start();
    api.add('a', { input: { do: 'spin' }, runTimeoutSeconds: 0.3 });
    await send('a');
    expect(await outcome('a')).toMatchObject({ retry: 'never', error: { code: 'run-timeout' } });
  });

  it('takes the new delivery in place of the old one when the connection broke during the run', async () => {
    await start();
    api.add('a', { input: { do: 'spin', ms: 1_500 } });
    await send('a');
    await waitUntil(() => api.nonces.length === 1, { what: 'the claim' });
    await rabbit.closeAllConnections();
    expect(await outcome('a')).toMatchObject({ result: 'done', attempt: 1 });
    expect(api.nonces).toHaveLength(1);
    await stop(1_000);
    expect(await rabbit.queueCounts(queue())).toMatchObject({ ready: 0 });
    expect((await metrics.expose()).body).toMatch(/factorial_worker_redeliveries_total\{.*\} 1/);
  });

  it('finishes what runs when it is stopped and the grace is long enough', async () => {
    await start();
    api.add('a', { input: { do: 'spin', ms: 600 } });
    await send('a');
    await waitUntil(() => api.nonces.length === 1, { what: 'the claim' });
    await stop(5_000);
    expect(api.outcomeOf('a')).toMatchObject({ result: 'done' });
    expect(await rabbit.queueCounts(queue())).toMatchObject({ ready: 0 });
    expect(api.left).toEqual(['w1']);
  });

  it('gives running and held jobs back when the grace is over', async () => {
    await start();
    const pid = await startLongJob('a');
    api.add('b', { input: { do: 'echo' } });
    await send('b');
    await stop(200);
    expect(api.outcomeOf('a')).toMatchObject({ result: 'released', attempt: 1 });
    expect(residentBytes(pid)).toBeUndefined();
    await waitUntil(async () => (await rabbit.queueCounts(queue()))?.ready === 2, { what: 'both are back' });
  });

  it('takes no further job when asked to drain, finishes, and then asks to be ended', async () => {
    await start();
    api.add('a', { input: { do: 'spin', ms: 3_500 } });
    await send('a');
    await waitUntil(() => api.nonces.length === 1, { what: 'the claim' });
    api.answerBeats({ drain: true });
    await waitUntil(() => api.beats.at(-1)?.state === 'draining', { what: 'it drains' });
    api.add('b', { input: { do: 'echo' } });
    await send('b');
    expect(stops).toEqual([]);
    await waitUntil(() => stops.length === 1, { what: 'it asks to be ended', timeoutMs: 10_000 });
    expect(stops).toEqual(['drained']);
    expect(api.outcomeOf('a')).toMatchObject({ result: 'done' });
    expect(await rabbit.queueCounts(queue())).toMatchObject({ ready: 1 });
  });

  it('is not ready while the api does not take its tasks', async () => {
    api.fail('/tasks/', 503, 4);
    const starting = start();
    await waitUntil(() => worker?.checks['announced']?.() === false, { what: 'it has begun' });
    await starting;
    expect(worker.checks['announced']?.()).toBe(true);
  });
});
