import { queueCountsAt } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';

/** `WIPED_JOBS=5000 npx vitest run test/integration/wiped-broker.test.ts` for more of them. */
const jobs = Number(process.env['WIPED_JOBS'] ?? 2_000);
const batchSize = 1_000;

let system: System;
let client: SystemClient;
beforeAll(async () => {
  system = await startSystem({ workers: 2 });
  client = createSystemClient(system);
});
afterAll(async () => system.stop());

const batchSchema = z.object({ results: z.array(z.object({ status: z.literal(202), id: z.string() })) });

const submitBatch = async (count: number): Promise<string[]> => {
  const batch = Array.from({ length: count }, () => ({ task: 'factorial', input: { n: 10 } }));
  const answer = await client.post('/v1/jobs/batch', { jobs: batch });
  return batchSchema.parse(JSON.parse(answer.text)).results.map(({ id }) => id);
};

const submitAll = async (): Promise<string[]> => {
  const ids: string[] = [];
  while (ids.length < jobs) ids.push(...(await submitBatch(Math.min(batchSize, jobs - ids.length))));
  return ids;
};

/** @returns ms until all of them have a message in the queue that nobody holds. */
const allPublished = async (timeoutMs: number): Promise<number> => {
  const began = performance.now();
  await waitUntil(
    async () => ((await queueCountsAt(system.amqpUrl, 'factorial_process'))?.ready ?? 0) >= jobs,
    { timeoutMs, pollMs: 200, what: `${jobs} messages are ready` },
  );
  return performance.now() - began;
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

test(
  'every waiting job is published again within 60 s, and none is lost, when all that RabbitMQ had is gone',
  { timeout: 240_000 + jobs * 10 },
  async () => {
    await Promise.all(system.workers.map(async (worker) => worker.stop()));
    const ids = await submitAll();
    expect(new Set(ids).size).toBe(jobs);
    await allPublished(30_000);

    await system.rabbitmq.kill();
    await system.wipeRabbitmq();
    await system.rabbitmq.start();
    expect(
      await queueCountsAt(system.amqpUrl, 'factorial_process').then((found) => found?.ready ?? 0),
    ).toBeLessThan(jobs);
    const publishedMs = await allPublished(90_000);

    const began = performance.now();
    await Promise.all(system.workers.map(async (worker) => worker.start()));
    const views = [];
    for (const id of ids) views.push(await client.waitUntilFinal(id, 60_000));
    const doneMs = performance.now() - began;
    expect(views.filter(({ status }) => status !== 'done')).toEqual([]);
    console.info(
      `${jobs} waiting jobs: all published ${seconds(publishedMs)} after RabbitMQ was back, all done ${seconds(doneMs)} after the workers were`,
    );
    expect(publishedMs).toBeLessThan(60_000);
  },
);
