import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';

let system: System;
let client: SystemClient;
beforeAll(async () => {
  // A grace too short for the job, so that the worker has to give it back.
  system = await startSystem({ workers: 2, workerEnv: { GRACE_SECONDS: '1' } });
  client = createSystemClient(system);
});
afterAll(async () => system.stop());

// Two runs of some seconds each, on a machine that may have other things to do.
const timeout = 60_000;

test('a job whose worker is killed is done by another, once, within seconds', { timeout }, async () => {
  const id = await client.accepted({ n: 1_000_000 });
  await client.waitForStatus(id, 'processing');
  const holder = await system.holderOf(id);
  if (!holder) throw new Error('nobody holds the job');
  await holder.kill();
  const finished = await client.waitUntilFinal(id, 40_000);
  expect(finished).toMatchObject({ status: 'done', attempt: 2 });
  expect(await system.holderOf(id)).not.toBe(holder);
  await holder.start();
});

test(
  'a worker that is stopped in good order gives its job back, and the try with it',
  { timeout },
  async () => {
    const id = await client.accepted({ n: 1_000_000 });
    await client.waitForStatus(id, 'processing');
    const holder = await system.holderOf(id);
    if (!holder) throw new Error('nobody holds the job');
    await holder.stop();
    const finished = await client.waitUntilFinal(id, 30_000);
    expect(finished).toMatchObject({ status: 'done', attempt: 2 });
    expect(await system.fieldOf(id, 'tries')).toBe('1');
    await holder.start();
  },
);
