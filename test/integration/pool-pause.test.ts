import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';

let system: System;
let client: SystemClient;
let admin: SystemClient;
beforeAll(async () => {
  system = await startSystem({ workers: 2 });
  client = createSystemClient(system);
  admin = createSystemClient(system, system.adminToken);
});
afterAll(async () => system.stop());

const insist = async (verb: 'pause' | 'resume'): Promise<void> => {
  const { status, text } = await admin.post(`/v1/pools/factorial/${verb}`, {});
  if (status !== 200) throw new Error(text);
};

test('a paused pool ends what runs and starts nothing, whoever is started anew, and forgets no job when it is resumed', async () => {
  const running = await client.accepted({ n: 1_000_000 });
  await client.waitForStatus(running, 'processing');
  await insist('pause');
  const ids = await Promise.all(Array.from({ length: 30 }, async () => client.accepted({ n: 500 })));
  expect(await client.waitUntilFinal(running)).toMatchObject({ status: 'done', attempt: 1 });

  await system.api.kill();
  await system.api.start();
  await system.rabbitmq.kill();
  await system.rabbitmq.start();
  await system.workers[0]?.kill();
  await system.workers[0]?.start();
  const waiting = await Promise.all(ids.map(async (id) => client.job(id)));
  expect(waiting.filter(({ status, attempt }) => status !== 'queued' || attempt !== 0)).toEqual([]);

  await insist('resume');
  const began = performance.now();
  const done = await Promise.all(ids.map(async (id) => client.waitUntilFinal(id)));
  console.info(`30 jobs done ${Math.round(performance.now() - began)} ms after the pool was resumed`);
  expect(done.filter(({ status, attempt }) => status !== 'done' || attempt !== 1)).toEqual([]);
  expect(performance.now() - began).toBeLessThan(15_000);
}, 180_000);
