import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';

let system: System;
let client: SystemClient;
beforeAll(async () => {
  // As in Kubernetes: a container that is started again keeps its pod's name, and there is nobody else to take its job.
  system = await startSystem({ workers: 1, workerEnv: { WORKER_ID: 'worker-0-pod' } });
  client = createSystemClient(system);
});
afterAll(async () => system.stop());

test('a worker that is killed and comes back under its name takes its job up again within seconds', async () => {
  const id = await client.accepted({ n: 1_000_000 });
  await client.waitForStatus(id, 'processing');
  const holder = await system.holderOf(id);
  if (!holder) throw new Error('nobody holds the job');
  await holder.kill();
  await holder.start();
  // Less than the lease of 30 s that the old process has left behind.
  const finished = await client.waitUntilFinal(id, 20_000);
  expect(finished).toMatchObject({ status: 'done', attempt: 2 });
});
