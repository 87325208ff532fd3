import { createTestRabbit, type TestRabbit } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestWorker, type TestWorker } from './testing/test-worker.ts';

describe('a worker at work', () => {
  let rabbit: TestRabbit;
  let worker: TestWorker;

  beforeAll(async () => {
    rabbit = await createTestRabbit();
  });
  afterAll(async () => rabbit.close());
  beforeEach(async () => {
    worker = await createTestWorker(rabbit);
  });
  afterEach(async () => worker.close());

  it('announces its tasks, beats, computes and tells the output', async () => {
    await worker.start();
    expect(worker.api.announced.toSorted()).toEqual(['factorial', 'fixture']);
    worker.api.add('a', { task: 'factorial', input: { n: 20 } });
    await worker.send('a');
    expect(await worker.outcome('a')).toMatchObject({
      result: 'done',
      attempt: 1,
      token: 't-1',
      output: '2432902008176640000',
      mediaType: 'text/plain',
    });
    await waitUntil(() => worker.api.beats.some(({ state }) => state === 'active'), {
      what: 'a beat says active',
    });
    expect(worker.api.beats.find(({ coldStartMs }) => coldStartMs > 0)).toMatchObject({
      pool: worker.pool,
      slots: 1,
    });
    expect(Object.values(worker.checks()).every((check) => check())).toBe(true);
  });

  it('uploads an output above 256 KiB and refers to it', async () => {
    await worker.start();
    worker.api.add('a', { task: 'factorial', input: { n: 70_000 } });
    await worker.send('a');
    expect(await worker.outcome('a')).toMatchObject({ result: 'done-uploaded' });
    const upload = worker.api.uploads.get('a');
    expect(upload).toMatchObject({ mediaType: 'text/plain', attempt: '1' });
    expect(upload?.body.toString()).toMatch(/^\d{308760}$/);
  });

  it('works many small jobs off in batches, each once', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `j${index}`);
    for (const id of ids) worker.api.add(id, { task: 'factorial', input: { n: 5 } });
    await worker.start();
    await worker.send(...ids);
    await waitUntil(() => worker.api.outcomes.length >= ids.length, {
      what: 'all are done',
      timeoutMs: 15_000,
    });
    expect(new Set(worker.api.outcomes.map(({ id }) => id)).size).toBe(ids.length);
    expect(worker.api.outcomes).toHaveLength(ids.length);
    await waitUntil(async () => (await worker.ready()) === 0, { what: 'the queue is empty' });
  });

  it('tells a failure with its code and what to do next', async () => {
    await worker.start();
    worker.api.add('a', { input: { do: 'refuse' } });
    worker.api.add('b', { input: { do: 'later' } });
    worker.api.add('c', { task: 'unknown' });
    await worker.send('a', 'b', 'c');
    expect(await worker.outcome('a')).toMatchObject({
      result: 'failed',
      retry: 'never',
      error: { code: 'bad-picture' },
    });
    expect(await worker.outcome('b')).toMatchObject({ result: 'failed', retry: 'later', delaySeconds: 7 });
    expect(await worker.outcome('c')).toMatchObject({ retry: 'backoff', error: { code: 'task-not-served' } });
  });

  it('tells progress of a running job', async () => {
    await worker.start();
    worker.api.add('a', { task: 'factorial', input: { n: 400_000 } });
    await worker.send('a');
    const update = await waitUntil(() => worker.api.progress[0], { what: 'progress', timeoutMs: 10_000 });
    expect(update).toMatchObject({ id: 'a', attempt: 1, token: 't-1' });
    expect(update.value).toBeGreaterThan(0);
  });

  it('tells what a job logs and streams before its outcome, however short it is', async () => {
    await worker.start();
    worker.api.add('a', { input: { do: 'print', text: 'a line' } });
    worker.api.add('b', { input: { do: 'stream' } });
    await worker.send('a', 'b');
    await Promise.all([worker.outcome('a'), worker.outcome('b')]);
    const saidBy = (id: string) =>
      worker.api.progress
        .filter((update) => update.id === id)
        .map(({ log, output }) => log + output)
        .join('');
    expect(saidBy('a')).toContain('a line\n');
    expect(saidBy('b')).toBe('one two');
  });

  it('acknowledges without running when the job is final, gone or held by somebody', async () => {
    await worker.start();
    worker.api.answerClaim('final', { outcome: 'terminal' });
    worker.api.answerClaim('held', { outcome: 'busy', retryAfterMs: 0 });
    await worker.send('final', 'held', 'unknown');
    await waitUntil(() => worker.api.nonces.length === 3, { what: 'three claims' });
    await worker.stop();
    expect(await worker.ready()).toBe(0);
    expect(worker.api.outcomes).toEqual([]);
  });

  it('asks again with the same nonce when the holder may be dead', async () => {
    await worker.start();
    worker.api.add('a', { input: { do: 'echo' } });
    worker.api.answerClaim('a', { outcome: 'busy', retryAfterMs: 150 });
    await worker.send('a');
    expect(await worker.outcome('a')).toMatchObject({ result: 'done', attempt: 1 });
    expect(new Set(worker.api.nonces).size).toBe(1);
    expect(worker.api.nonces).toHaveLength(2);
  });

  it('leaves a job whose holder proves alive again and again to the sweeper', async () => {
    await worker.start();
    const busy = { outcome: 'busy' as const, retryAfterMs: 20 };
    worker.api.answerClaim('a', busy, busy, busy, busy);
    await worker.send('a');
    await waitUntil(() => worker.api.nonces.length === 3, { what: 'three claims' });
    await worker.stop();
    expect(await worker.ready()).toBe(0);
    expect(worker.api.nonces).toHaveLength(3);
  });

  it('tells the outcome in the end when the api fails in between', async () => {
    await worker.start();
    worker.api.fail('/claims', 503, 2);
    worker.api.fail('/outcomes', 500, 3);
    worker.api.add('a', { input: { do: 'echo' } });
    await worker.send('a');
    expect(await worker.outcome('a')).toMatchObject({ result: 'done' });
    expect(new Set(worker.api.nonces).size).toBe(1);
  });

  it('reads its token again when it was refused', async () => {
    await worker.writeToken('old-token');
    const starting = worker.start();
    await waitUntil(() => worker.api.unauthorized() > 1, { what: 'the old token is refused' });
    await worker.writeToken('worker-token');
    await starting;
    expect(worker.api.announced).toContain('fixture');
  });

  it('runs as many jobs at a time as it has slots, each in a process of its own', async () => {
    await worker.start({ SLOTS: '2' });
    const pids = await Promise.all([worker.startLongJob('a', 'hang'), worker.startLongJob('b', 'hang')]);
    expect(new Set(pids).size).toBe(2);
    expect(await worker.metricsText()).toMatch(/factorial_worker_slots_busy\{.*\} 2/);
  });

  it('is not ready while the api does not take its tasks', async () => {
    worker.api.fail('/tasks/', 503, 4);
    const starting = worker.start();
    await waitUntil(() => worker.checks()['announced']?.() === false, { what: 'it has begun' });
    await starting;
    expect(worker.checks()['announced']?.()).toBe(true);
  });
});
