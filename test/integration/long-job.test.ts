import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';

/**
 * `LONG_JOB_SECONDS=360 npx vitest run test/integration/long-job.test.ts` for the long run. A job of 20 minutes under the
 * default consumer timeout of 30 minutes, in small: the timeout is half as long again as the job. A connection
 * without heartbeats is closed after 20 s.
 */
const longJobMs = Number(process.env['LONG_JOB_SECONDS'] ?? 30) * 1_000;

const missedHeartbeats = /missed heartbeats from client/;
const heldTooLong = /delivery acknowledgement on channel \d+ timed out/;

let system: System;
let client: SystemClient;
beforeAll(async () => {
  system = await startSystem({ workers: 2, workerEnv: { TASKS: join(import.meta.dirname, 'hard-task') } });
  client = createSystemClient(system);
});
afterAll(async () => system.stop());

/** A channel learns both when it is opened, hence the new workers. The look at what is held comes every minute otherwise. */
const setConsumerTimeout = async (ms: number): Promise<void> => {
  const settings = Object.entries({ consumer_timeout: ms, channel_tick_interval: 500 });
  const calls = settings.map(([name, value]) => `application:set_env(rabbit, ${name}, ${value})`);
  await system.rabbitmqctl('eval', `${calls.join(', ')}.`);
  await Promise.all(
    system.workers.map(async (worker) => {
      await worker.stop();
      await worker.start();
    }),
  );
};

/** Computes without a pause. @returns what the job's record says of its runs, and the broker's log of that time. */
const compute = async (ms: number) => {
  const logFile = join(system.dir, 'rabbitmq', 'rabbitmq.log');
  const before = (await readFile(logFile, 'utf8')).length;
  const id = await client.accepted({ task: 'hard', input: { do: 'spin', ms } });
  const view = await client.waitUntilFinal(id, ms + 30_000);
  const log = (await readFile(logFile, 'utf8')).slice(before);
  const [attempt, publications] = [
    await system.fieldOf(id, 'finalAttempt'),
    await system.fieldOf(id, 'publications'),
  ];
  return { view, attempt, publications, log };
};

test(
  'a job that computes for longer than its connection would live without heartbeats is delivered once',
  { timeout: longJobMs + 60_000 },
  async () => {
    await setConsumerTimeout(longJobMs * 1.5);
    const began = performance.now();
    const { view, attempt, publications, log } = await compute(longJobMs);
    const tookMs = performance.now() - began;
    expect(view).toMatchObject({ status: 'done', attempt: 1, output: { attempt: 1 } });
    expect({ attempt, publications }).toEqual({ attempt: '1', publications: '1' });
    expect(log).not.toMatch(missedHeartbeats);
    expect(log).not.toMatch(heldTooLong);
    expect(tookMs).toBeGreaterThan(longJobMs);
    console.info(
      `computed for ${longJobMs / 1_000} s, done after ${(tookMs / 1_000).toFixed(1)} s at attempt 1`,
    );
  },
);

test(
  'a job that runs longer than a consumer timeout that is too short goes on, once, though its message is taken away',
  { timeout: 60_000 },
  async () => {
    await setConsumerTimeout(3_000);
    const { view, attempt, log } = await compute(12_000);
    expect(log).toMatch(heldTooLong);
    expect(view).toMatchObject({ status: 'done', attempt: 1, output: { attempt: 1 } });
    expect(attempt).toBe('1');
    const next = await client.accepted({ task: 'hard', input: { do: 'sleep', ms: 10 } });
    expect(await client.waitUntilFinal(next, 10_000)).toMatchObject({ status: 'done', attempt: 1 });
  },
);
