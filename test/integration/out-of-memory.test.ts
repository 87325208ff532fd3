import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { residentBytes } from '../../services/worker/src/runner/resident-memory.ts';
import { createSystemClient, type JobView, type SystemClient } from '../client/system-client.ts';

const folders = ['hard-task', 'heap-task'].map((folder) => join(import.meta.dirname, folder));
/** Of `hard-task`: three quarters of its limit of 192 MiB. */
const nearLimitBytes = 145 * 1_048_576;

let system: System;
let client: SystemClient;
let pids: number[];
beforeAll(async () => {
  system = await startSystem({ workers: 2, workerEnv: { TASKS: folders.join(',') } });
  client = createSystemClient(system);
  pids = system.workers.map((worker) => worker.pid());
});
afterAll(async () => system.stop());

/** Twenty short jobs, which go on whatever becomes of the one beside them. */
const submitOthers = async (): Promise<string[]> =>
  Promise.all(
    Array.from({ length: 20 }, async () => client.accepted({ task: 'hard', input: { do: 'sleep', ms: 50 } })),
  );

const expectOthersDone = async (ids: readonly string[]): Promise<void> => {
  const views = await Promise.all(ids.map(async (id) => client.waitUntilFinal(id, 30_000)));
  expect(views.filter(({ status }) => status !== 'done')).toEqual([]);
};

const expectFailedForMemory = async (view: JobView, id: string): Promise<void> => {
  expect(view).toMatchObject({ status: 'failed', attempt: 2, error: { code: 'out-of-memory' } });
  expect(await system.fieldOf(id, 'outOfMemory')).toBe('2');
  expect(system.workers.map((worker) => worker.pid())).toEqual(pids);
  for (const pid of pids) expect(() => process.kill(pid, 0)).not.toThrow();
};

/** The process that wrote its number there, once it has had that much memory for a few looks of the worker's watch. */
const runnerNearLimit = async (pidFile: string, notPid: number): Promise<number> => {
  let looks = 0;
  return waitUntil(
    async () => {
      const pid = Number(await readFile(pidFile, 'utf8').catch(() => 0));
      const isNear = pid !== notPid && pid > 0 && (residentBytes(pid) ?? 0) > nearLimitBytes;
      looks = isNear ? looks + 1 : 0;
      return looks > 5 && pid;
    },
    { timeoutMs: 20_000, pollMs: 100, what: 'a runner is near its limit' },
  );
};

describe('a job whose runner is killed for memory twice is failed with out-of-memory, and nothing else suffers', () => {
  test('when the worker sees it pass its limit', { timeout: 60_000 }, async () => {
    const id = await client.accepted({ task: 'hard', input: { do: 'grow' } });
    const others = await submitOthers();
    await expectFailedForMemory(await client.waitUntilFinal(id, 40_000), id);
    await expectOthersDone(others);
  });

  test('when its own heap is full', { timeout: 60_000 }, async () => {
    const id = await client.accepted({ task: 'heap', input: {} });
    const others = await submitOthers();
    const view = await client.waitUntilFinal(id, 40_000);
    await expectFailedForMemory(view, id);
    expect(view.error?.['message']).toMatch(/heap out of memory/);
    await expectOthersDone(others);
  });

  test('when somebody else kills it near its limit, as the kernel does', { timeout: 60_000 }, async () => {
    const pidFile = join(system.dir, 'held.pid');
    const id = await client.accepted({ task: 'hard', input: { do: 'hold', mebibytes: 115, pidFile } });
    const others = await submitOthers();
    const first = await runnerNearLimit(pidFile, 0);
    process.kill(first, 'SIGKILL');
    process.kill(await runnerNearLimit(pidFile, first), 'SIGKILL');
    await expectFailedForMemory(await client.waitUntilFinal(id, 40_000), id);
    await expectOthersDone(others);
  });
});
