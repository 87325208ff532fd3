import { join } from 'node:path';
import { startTcpProxy, type TcpProxy } from '@factorial/core/testing/tcp-proxy';
import { queueCountsAt } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';

let system: System;
let client: SystemClient;
/** The first worker's way to the api. */
let path: TcpProxy | undefined;
beforeAll(async () => {
  system = await startSystem({
    workers: 2,
    workerEnv: { TASKS: join(import.meta.dirname, 'hard-task') },
    route: async ({ link, worker }, target) => {
      if (link !== 'worker-api' || worker !== 0) return target;
      path ??= await startTcpProxy(target);
      return path.url;
    },
  });
  client = createSystemClient(system);
});
afterAll(async () => {
  await system.stop();
  await path?.close();
});

const consumers = async (): Promise<number | undefined> =>
  (await queueCountsAt(system.amqpUrl, 'factorial_process'))?.consumers;

/** @returns the workers that have done them, and how long that took in all, in ms. */
const work = async (jobs: number, ms: number): Promise<{ by: Set<string | null>; tookMs: number }> => {
  const began = performance.now();
  const input = { do: 'sleep', ms };
  const ids = await Promise.all(
    Array.from({ length: jobs }, async () => client.accepted({ task: 'hard', input })),
  );
  for (const id of ids) expect(await client.waitUntilFinal(id, 20_000)).toMatchObject({ status: 'done' });
  const tookMs = performance.now() - began;
  return { by: new Set(await Promise.all(ids.map(async (id) => system.fieldOf(id, 'worker')))), tookMs };
};

test(
  'a worker that reaches the broker and not the api keeps no jobs from the others, and works again by itself',
  { timeout: 90_000 },
  async () => {
    expect((await work(4, 500)).by.size).toBe(2);
    path?.freeze();
    await waitUntil(async () => (await consumers()) === 1, {
      timeoutMs: 30_000,
      pollMs: 200,
      what: 'it takes no more messages',
    });
    const { by, tookMs } = await work(40, 20);
    expect(by.size).toBe(1);
    expect(tookMs).toBeLessThan(10_000);
    path?.thaw();
    await waitUntil(async () => (await consumers()) === 2, {
      timeoutMs: 15_000,
      pollMs: 200,
      what: 'it takes messages again',
    });
    expect((await work(4, 1_000)).by.size).toBe(2);
  },
);
