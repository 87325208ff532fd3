import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Restartable } from '../../dev/system/restartable.ts';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';

const leaseMs = 30_000;
/** Long enough to be frozen in, short enough to be over when the worker wakes. */
const workMs = 4_000;
/** Long enough for the first worker to wake while the second is at it. */
const laterMs = 20_000;

let system: System;
let client: SystemClient;
beforeAll(async () => {
  const workerEnv = { TASKS: join(import.meta.dirname, 'hard-task') };
  system = await startSystem({ workers: 3, workerEnv, logLevel: 'debug' });
  client = createSystemClient(system);
});
afterAll(async () => system.stop());

interface Frozen {
  id: string;
  holder: Restartable;
  token: string;
  /** What is stopped, and is to be woken. */
  pids: number[];
}

/** Stops the worker in mid-job, its runner with it or not. */
const freezeHolder = async (withRunner: boolean, later = workMs): Promise<Frozen> => {
  const pidFile = join(system.dir, `runner-${withRunner}.pid`);
  const input = { do: 'sleep', ms: workMs, laterMs: later, pidFile };
  const id = await client.accepted({ task: 'hard', input });
  await client.waitForStatus(id, 'processing');
  const runner = await waitUntil(async () => Number(await readFile(pidFile, 'utf8')), { what: 'it runs' });
  const [holder, token] = [await system.holderOf(id), await system.fieldOf(id, 'token')];
  if (!holder || token === null) throw new Error('nobody holds the job');
  const pids = withRunner ? [holder.pid(), runner] : [holder.pid()];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return { id, holder, token, pids };
};

const bodiesOf = async (id: string) => ({
  job: (await client.call(`/v1/jobs/${id}`)).text,
  output: (await client.call(`/v1/jobs/${id}/output`)).text,
});

const internally = async (path: string, init: RequestInit) => {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${(await readFile(system.workerTokenFile, 'utf8')).trim()}`);
  headers.set('content-type', 'application/json');
  const signal = AbortSignal.timeout(5_000);
  const answer = await fetch(`${system.internalUrl}${path}`, { ...init, headers, signal });
  return { status: answer.status, text: await answer.text() };
};

/** What a worker says that is certain of its result, whatever it was told. */
const sendLateResult = async ({ id, token }: Frozen) => {
  const outcome = { id, attempt: 1, token, result: 'done', output: 'late', mediaType: 'application/json' };
  return {
    outcome: await internally('/internal/v1/outcomes', {
      method: 'POST',
      body: JSON.stringify({ outcomes: [outcome] }),
    }),
    upload: await internally(`/internal/v1/jobs/${id}/output?attempt=1`, {
      method: 'PUT',
      headers: { 'x-attempt-token': token },
      body: '"late"',
    }),
  };
};

/** Its own late result was refused, or it was told before it could send that. */
const hasLearnt = async ({ id, holder }: Frozen): Promise<boolean> => {
  const index = system.workers.indexOf(holder);
  const log = await readFile(join(system.dir, `worker-${index}.log`), 'utf8');
  return log.split('\n').some((line) => line.includes(id) && /"answer":"stale"|"reason":"lost"/.test(line));
};

const expectRefused = async (frozen: Frozen): Promise<void> => {
  const { outcome, upload } = await sendLateResult(frozen);
  expect(outcome).toEqual({ status: 200, text: '{"answers":["stale"]}' });
  expect(upload.status).toBe(409);
  expect(JSON.parse(upload.text)).toMatchObject({ code: 'stale-attempt' });
};

const wake = async (frozen: Frozen): Promise<void> => {
  for (const pid of frozen.pids) process.kill(pid, 'SIGCONT');
  await waitUntil(async () => hasLearnt(frozen), {
    timeoutMs: 15_000,
    what: 'the one that woke knows that its job is gone',
  });
};

const stateOf = async ({ id }: Frozen) => ({
  status: await system.fieldOf(id, 'status'),
  attempt: await system.fieldOf(id, 'attempt'),
});

test(
  'a worker that is frozen for longer than its lease changes nothing when it wakes: another does its job, or has done it',
  { timeout: 120_000 },
  async () => {
    const [short, long] = [await freezeHolder(true), await freezeHolder(false, laterMs)];
    const frozenAtMs = performance.now();
    const isAgain = async (): Promise<boolean> => {
      const { status, attempt } = await stateOf(long);
      return status === 'processing' && attempt === '2';
    };
    await waitUntil(async () => performance.now() - frozenAtMs > leaseMs && (await isAgain()), {
      timeoutMs: 60_000,
      what: 'its lease is over, and another one is at it',
    });
    await expectRefused(long);
    await wake(long);
    expect(await stateOf(long)).toEqual({ status: 'processing', attempt: '2' });

    expect(await client.waitUntilFinal(short.id, 40_000)).toMatchObject({ status: 'done', attempt: 2 });
    const before = await bodiesOf(short.id);
    await expectRefused(short);
    await wake(short);
    expect(await bodiesOf(short.id)).toEqual(before);

    expect(await client.waitUntilFinal(long.id, 40_000)).toMatchObject({
      status: 'done',
      output: { attempt: 2 },
    });
    for (const { id } of [short, long]) expect(await system.fieldOf(id, 'finalAttempt')).toBe('2');
  },
);

test('those that were frozen work on', { timeout: 30_000 }, async () => {
  const input = { do: 'sleep', ms: 2_000 };
  const ids = await Promise.all(system.workers.map(async () => client.accepted({ task: 'hard', input })));
  for (const id of ids) expect(await client.waitUntilFinal(id, 20_000)).toMatchObject({ status: 'done' });
  const holders = await Promise.all(ids.map(async (id) => system.fieldOf(id, 'worker')));
  expect(new Set(holders).size).toBe(system.workers.length);
});
