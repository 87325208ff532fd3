import { createJobPublisher } from '@factorial/core/queue/job-publisher';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { createTestRabbit, type TestRabbit } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { residentBytes } from './runner/resident-memory.ts';
import { createTestWorker, type TestWorker } from './testing/test-worker.ts';

describe('a worker that stops a run, or itself', () => {
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

  it('stops a cancelled run within 3 s, tells nothing of it, and runs the next', async () => {
    await worker.start();
    const pid = await worker.startLongJob('a');
    worker.api.add('b', { input: { do: 'echo' } });
    await worker.send('b');
    const startMs = performance.now();
    worker.api.answerBeats({ cancel: [{ id: 'a', attempt: 1 }] });
    expect(await worker.outcome('b')).toMatchObject({ result: 'done' });
    expect(performance.now() - startMs).toBeLessThan(3_000);
    expect(residentBytes(pid)).toBeUndefined();
    expect(worker.api.outcomeOf('a')).toBeUndefined();
    await waitUntil(async () => (await worker.ready()) === 0, { what: 'the queue is empty' });
  });

  it('stops a run that is not its own any more', async () => {
    await worker.start();
    const pid = await worker.startLongJob('a', 'hang');
    worker.api.answerBeats({ lost: [{ id: 'a', attempt: 1 }] });
    await waitUntil(() => residentBytes(pid) === undefined, { what: 'the runner is gone' });
    expect(worker.api.outcomeOf('a')).toBeUndefined();
  });

  it('fails a run that passes its time limit', async () => {
    await worker.start();
    worker.api.add('a', { input: { do: 'spin' }, runTimeoutSeconds: 0.3 });
    await worker.send('a');
    expect(await worker.outcome('a')).toMatchObject({ retry: 'never', error: { code: 'run-timeout' } });
  });

  it('takes the new delivery in place of the old one when the connection broke during the run', async () => {
    await worker.start();
    worker.api.add('a', { input: { do: 'spin', ms: 1_500 } });
    await worker.send('a');
    await waitUntil(() => worker.api.nonces.length === 1, { what: 'the claim' });
    await rabbit.closeAllConnections();
    expect(await worker.outcome('a')).toMatchObject({ result: 'done', attempt: 1 });
    expect(worker.api.nonces).toHaveLength(1);
    await worker.stop(1_000);
    expect(await worker.ready()).toBe(0);
    expect(await worker.metricsText()).toMatch(/factorial_worker_redeliveries_total\{.*\} 1/);
  });

  it('finishes what runs when it is stopped and the grace is long enough', async () => {
    await worker.start();
    worker.api.add('a', { input: { do: 'spin', ms: 600 } });
    await worker.send('a');
    await waitUntil(() => worker.api.nonces.length === 1, { what: 'the claim' });
    await worker.stop(5_000);
    expect(worker.api.outcomeOf('a')).toMatchObject({ result: 'done' });
    expect(await worker.ready()).toBe(0);
    expect(worker.api.left).toEqual(['w1']);
  });

  it('gives running and held jobs back when the grace is over', async () => {
    await worker.start();
    const pid = await worker.startLongJob('a');
    worker.api.add('b', { input: { do: 'echo' } });
    await worker.send('b');
    await worker.stop(200);
    expect(worker.api.outcomeOf('a')).toMatchObject({ result: 'released', attempt: 1 });
    expect(residentBytes(pid)).toBeUndefined();
    await waitUntil(async () => (await worker.ready()) === 2, { what: 'both are back' });
  });

  it('takes no further job while asked to drain, finishes what runs, and works again when no longer asked', async () => {
    await worker.start();
    worker.api.add('a', { input: { do: 'spin', ms: 3_500 } });
    await worker.send('a');
    await waitUntil(() => worker.api.nonces.length === 1, { what: 'the claim' });
    worker.api.answerBeats({ drain: true });
    await waitUntil(() => worker.api.beats.at(-1)?.state === 'draining', { what: 'it drains' });
    worker.api.add('b', { input: { do: 'echo' } });
    await worker.send('b');
    expect(await worker.outcome('a')).toMatchObject({ result: 'done' });
    expect(worker.live()).toBe(true);
    expect(worker.checks()['consuming']?.()).toBe(true);
    expect(await worker.ready()).toBe(1);
    worker.api.answerBeats({ drain: false });
    expect(await worker.outcome('b')).toMatchObject({ result: 'done' });
    await waitUntil(() => worker.api.beats.at(-1)?.state === 'active', { what: 'it works again' });
  });

  it('does not touch the queue of a paused pool when it starts: each look would count towards the delivery limit', async () => {
    worker.api.answerBeats({ paused: true });
    const publisher = createJobPublisher({ url: rabbit.amqpUrl, logger: createRecordedLogger().logger });
    await publisher.start();
    await publisher.publish({ jobId: 'a', pool: worker.pool, publication: 1, input: 1 });
    await publisher.stop(AbortSignal.timeout(2_000));
    await worker.start();
    await waitUntil(() => worker.api.beats.at(-1)?.state === 'active', { what: 'it serves' });
    const beats = worker.api.beats.length;
    await waitUntil(() => worker.api.beats.length >= beats + 2, { what: 'two further beats' });
    expect([await worker.ready(), worker.api.nonces]).toEqual([1, []]);
    worker.api.add('a', { input: { do: 'echo' } });
    worker.api.answerBeats({ paused: false });
    expect(await worker.outcome('a')).toMatchObject({ result: 'done' });
  });

  it('takes nothing of a paused pool, gives back what it was refused, and works again when it is resumed', async () => {
    await worker.start();
    worker.api.add('a', { input: { do: 'spin', ms: 2_500 } });
    await worker.send('a');
    await waitUntil(() => worker.api.nonces.length === 1, { what: 'the claim' });
    worker.api.answerClaim('b', { outcome: 'paused' });
    worker.api.answerBeats({ paused: true });
    worker.api.add('b', { input: { do: 'echo' } });
    await worker.send('b');
    await waitUntil(async () => (await worker.ready()) === 1, { what: 'b waits in the queue' });
    expect(await worker.outcome('a')).toMatchObject({ result: 'done' });
    await waitUntil(() => worker.api.beats.at(-1)?.jobs.length === 0, { what: 'a beat without a job' });
    expect(worker.api.beats.at(-1)).toMatchObject({ state: 'active', held: 0 });
    expect([worker.live(), worker.checks()['consuming']?.()]).toEqual([true, true]);
    expect([await worker.ready(), worker.api.outcomeOf('b')]).toEqual([1, undefined]);
    worker.api.answerBeats({ paused: false });
    expect(await worker.outcome('b')).toMatchObject({ result: 'done' });
  });

  it('gives back the jobs that wait behind a long one, once it shows that it is long', async () => {
    await worker.start();
    const small = Array.from({ length: 200 }, (_, index) => `s${index}`);
    for (const id of small) worker.api.add(id, { input: { do: 'echo' } });
    await worker.send(...small);
    await waitUntil(() => worker.api.outcomes.length === small.length, {
      what: 'small ones are done',
      timeoutMs: 10_000,
    });
    const behind = Array.from({ length: 5 }, (_, index) => `b${index}`);
    for (const id of behind) worker.api.add(id, { input: { do: 'echo' } });
    worker.api.add('long', { input: { do: 'spin', ms: 4_000 } });
    await worker.send('long', ...behind);
    const released = await waitUntil(() => worker.api.outcomes.find(({ result }) => result === 'released'), {
      what: 'one behind is given back',
    });
    expect(behind).toContain(released.id);
    expect(worker.api.outcomeOf('long')).toBeUndefined();
    await waitUntil(() => behind.every((id) => worker.api.outcomeOf(id)?.result === 'done'), {
      what: 'all are done in the end',
      timeoutMs: 10_000,
    });
    expect(worker.api.outcomeOf('long')).toMatchObject({ result: 'done', attempt: 1 });
  });
});
