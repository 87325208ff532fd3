import { createJobPublisher } from '@factorial/core/queue/job-publisher';
import type { JobPublisher } from '@factorial/core/queue/job-queue';
import type { Service } from '@factorial/core/lifecycle/service';
import { createTaskRegistry } from '@factorial/core/tasks/task-registry';
import { createFakeClock, type FakeClock } from '@factorial/core/testing/fake-clock';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { describeServiceContract } from '@factorial/core/testing/service-stress';
import { createTestJobStore, type TestJobStore } from '@factorial/core/testing/test-job-store';
import { createTestRabbit, type TestRabbit } from '@factorial/core/testing/test-rabbit';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { createWorkerRegistry, type WorkerRegistry } from '@factorial/core/workers/worker-registry';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDispatcher } from './dispatch.ts';
import { readPublicationBudget } from './publication-budget.ts';
import { createSweeper, type Sweeper, type SweeperDeps } from './sweeper.ts';

let redis: TestRedis;
let rabbit: TestRabbit;
let store: TestJobStore;
let publisher: JobPublisher & Service;
let workers: WorkerRegistry;
let clock: FakeClock;
let sweeper: Sweeper;

const { logger } = createRecordedLogger();
const leaseMs = 30_000;

const create = (changes: Partial<SweeperDeps> = {}, dueJobs = store.dueJobs): Sweeper => {
  const tasks = createTaskRegistry({ redis: redis.redis, keys: redis.keys, clock });
  return createSweeper({
    dueJobs,
    dispatcher: createDispatcher({ publisher, dueJobs, tasks, logger, onUnconfirmed: () => undefined }),
    readBudget: async () => readPublicationBudget({ dueJobs, publisher, workers, logger }),
    poolOf: async (id) => (await store.field(id, 'pool')) ?? undefined,
    clock,
    logger,
    random: () => 0,
    leaseMs,
    onReaped: () => undefined,
    ...changes,
  });
};

const ready = async (pool = 'factorial'): Promise<number> =>
  (await rabbit.queueCounts(`${pool}_process`))?.ready ?? 0;

beforeAll(async () => {
  [redis, rabbit] = await Promise.all([createTestRedis(), createTestRabbit()]);
  publisher = createJobPublisher({ url: rabbit.amqpUrl, logger });
  await publisher.start();
  await waitUntil(() => publisher.health().ok, { what: 'the publisher is connected' });
});
beforeEach(async () => {
  const names = await redis.keyNames();
  if (names.length > 0) await redis.redis.unlink(names);
  for (const pool of ['factorial', 'other']) await rabbit.deleteQueue(`${pool}_process`);
  clock = createFakeClock(Date.now());
  store = createTestJobStore(redis);
  workers = createWorkerRegistry({ redis: redis.redis, keys: redis.keys, clock });
  sweeper = create();
});
afterAll(async () => {
  await publisher.stop(AbortSignal.timeout(1_000));
  await redis.close();
  await rabbit.close();
});

/** A publisher that has declared a queue once goes on believing in it until a message comes back. */
const dueWith = async (job: { pool?: string } = {}): Promise<string> => {
  const id = await store.accepted(job);
  await publisher
    .publish({ jobId: 'warm-up', pool: job.pool ?? 'factorial', publication: 1, input: 0 })
    .catch(() => undefined);
  await publisher.publish({ jobId: 'warm-up', pool: job.pool ?? 'factorial', publication: 2, input: 0 });
  while ((await rabbit.take(`${job.pool ?? 'factorial'}_process`)) !== undefined);
  await store.makeDue(id);
  return id;
};

describe('a sweep', () => {
  it('publishes a waiting job whose message is in no queue, and looks again later', async () => {
    const id = await dueWith();
    expect(await sweeper.runOnce()).toBe(1);
    expect(await ready()).toBe(1);
    expect((await rabbit.take('factorial_process'))?.properties.messageId).toBe(`${id}:2`);
    expect(await store.dueAt(id)).toBeGreaterThan(Date.now());
    expect(await sweeper.runOnce()).toBe(0);
  });

  it('publishes no job whose message is in the queue still', async () => {
    const id = await dueWith();
    await publisher.publish({ jobId: id, pool: 'factorial', publication: 1, input: 1 });
    await sweeper.runOnce();
    expect(await ready()).toBe(1);
  });

  it('publishes no job whose message a worker holds', async () => {
    await dueWith();
    await workers.heartbeat('w1', {
      pool: 'factorial',
      slots: 1,
      state: 'active',
      startedAt: 1,
      coldStartMs: 0,
      held: 1,
      jobs: [],
    });
    await sweeper.runOnce();
    expect(await ready()).toBe(0);
  });

  it('publishes only as many as messages are missing', async () => {
    const ids = [await dueWith(), await dueWith(), await dueWith()];
    await publisher.publish({ jobId: String(ids[0]), pool: 'factorial', publication: 1, input: 1 });
    expect(await sweeper.runOnce()).toBe(3);
    expect(await ready()).toBe(3);
  });

  it('gives a job whose lease ran out to another worker, however many messages there are', async () => {
    const id = await dueWith();
    await store.claimed(id);
    await store.expireLease(id);
    await publisher.publish({ jobId: 'other', pool: 'factorial', publication: 1, input: 1 });
    await sweeper.runOnce();
    expect(await store.field(id, 'status')).toBe('queued');
    expect(await ready()).toBe(2);
  });

  it('counts each pool by itself', async () => {
    await dueWith({ pool: 'other' });
    const here = await dueWith();
    await publisher.publish({ jobId: here, pool: 'factorial', publication: 1, input: 1 });
    await sweeper.runOnce();
    expect([await ready('factorial'), await ready('other')]).toEqual([1, 1]);
  });

  it('ends a job that has waited too long', async () => {
    const id = await dueWith();
    await store.passed(id, 'queueDeadline');
    await sweeper.runOnce();
    expect([await store.field(id, 'status'), await store.field(id, 'errorCode')]).toEqual([
      'failed',
      'queue-timeout',
    ]);
  });

  it('goes through more jobs than one batch', async () => {
    const ids = await Promise.all(Array.from({ length: 250 }, async () => store.accepted()));
    await Promise.all(ids.map(async (id) => store.makeDue(id)));
    expect(await sweeper.runOnce()).toBe(250);
  });

  it('publishes no waiting job when the broker does not tell its count', async () => {
    const id = await dueWith();
    const silent: JobPublisher = {
      ...publisher,
      messagesReady: async () => Promise.reject(new Error('silent')),
    };
    const readBudget = async () =>
      readPublicationBudget({ dueJobs: store.dueJobs, publisher: silent, workers, logger });
    await create({ readBudget }).runOnce();
    expect([await ready(), await store.field(id, 'publications')]).toEqual([0, '1']);
  });
});

describe('after an outage', () => {
  const orphaned = async (): Promise<string> => {
    const id = await dueWith();
    await store.claimed(id);
    await store.expireLease(id);
    return id;
  };

  it('waits one lease when Redis was restarted', async () => {
    let runId = 'before';
    const swept = create({}, { ...store.dueJobs, runId: async () => Promise.resolve(runId) });
    await swept.runOnce();
    runId = 'after';
    const id = await orphaned();
    expect(await swept.runOnce()).toBe(0);
    clock.advance(14_000);
    await swept.runOnce();
    clock.advance(14_000);
    await swept.runOnce();
    expect(await store.field(id, 'status')).toBe('processing');
    clock.advance(3_000);
    expect(await swept.runOnce()).toBe(1);
    expect(await store.field(id, 'status')).toBe('queued');
  });

  it('waits one lease when Redis was out of reach for more than half a lease', async () => {
    await sweeper.runOnce();
    clock.advance(leaseMs / 2 + 1);
    await orphaned();
    expect(await sweeper.runOnce()).toBe(0);
  });

  it('waits for nothing when it was shorter, or at the first sweep of a process', async () => {
    await orphaned();
    expect(await sweeper.runOnce()).toBe(1);
    clock.advance(leaseMs / 2 - 1);
    await orphaned();
    expect(await sweeper.runOnce()).toBe(1);
  });
});

describe('the service', () => {
  describeServiceContract({ create: () => create({ intervalMs: 20 }) });

  it('sweeps by itself, and goes on when a sweep has failed', async () => {
    const due = { calls: 0 };
    const flaky = {
      ...store.dueJobs,
      due: async (limit: number) => {
        due.calls += 1;
        if (due.calls === 1) throw new Error('away');
        return store.dueJobs.due(limit);
      },
    };
    const id = await dueWith();
    const swept = create({ intervalMs: 10 }, flaky);
    await swept.start();
    await expect.poll(async () => store.field(id, 'publications')).toBe('2');
    await swept.stop(AbortSignal.timeout(1_000));
  });
});
