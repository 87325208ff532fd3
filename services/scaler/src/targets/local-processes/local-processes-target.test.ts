import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describeServiceContract } from '@factorial/core/testing/service-stress';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, describe, expect, it } from 'vitest';
import { createLocalProcessesTarget, type LocalProcessesDeps } from './local-processes-target.ts';
import { outputToFiles, outputWithPrefix } from './worker-output.ts';
import type { WorkerExit } from './worker-slot.ts';

const program = path.join(import.meta.dirname, '../../testing/stand-in-worker.ts');
const never = () => new AbortController().signal;
const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const make = (over: Partial<LocalProcessesDeps> = {}) => {
  const said: string[] = [];
  const exits: WorkerExit[] = [];
  const out = new PassThrough();
  out.on('data', (chunk) => said.push(...String(chunk).trim().split('\n')));
  let serial = 0;
  const target = createLocalProcessesTarget({
    command: [process.execPath, program],
    env: {},
    initialWorkers: 0,
    openOutput: outputWithPrefix(out, out),
    outputName: (place) => `worker-${place}`,
    newWorkerId: (place) => `local-${place}-${(serial += 1)}`,
    graceMs: 5_000,
    exited: (exit) => exits.push(exit),
    now: Date.now,
    random: () => 0,
    ...over,
  });
  cleanUps.push(async () => target.stop(AbortSignal.abort()));
  return { target, said, exits };
};

type Made = ReturnType<typeof make>;

const state = async ({ target }: Made) => {
  const reading = await target.read();
  if (!reading.ok) throw new Error(reading.reason);
  return reading.value;
};

const ids = async (made: Made) => (await state(made)).workers.map(({ id }) => id);

/** Waits for the worker's own first line. */
const pidOf = async ({ said }: Made, id: string): Promise<number> => {
  const line = new RegExp(String.raw`started ${id} (\d+) true`);
  return waitUntil(() => Number(said.map((text) => line.exec(text)?.[1]).find(Boolean)) || undefined, {
    what: `${id} has started`,
  });
};

const grow = async (made: Made, to: number) => {
  const { replicas: from } = await state(made);
  await made.target.scaleTo({ from, to, victims: [] });
  return Promise.all((await ids(made)).map((id) => pidOf(made, id)));
};

const ended = async (pid: number) => waitUntil(() => !isAlive(pid), { what: `${pid} has ended` });

describe('the local target', () => {
  it('starts workers with names of their own and the environment it was given', async () => {
    const made = make({ env: { EXTRA: 'given' } });
    expect(await state(made)).toMatchObject({ replicas: 0, starting: 0, workers: [] });
    const pids = await grow(made, 3);
    expect(new Set(pids).size).toBe(3);
    expect(await ids(made)).toEqual(['local-1-1', 'local-2-2', 'local-3-3']);
    await waitUntil(() => made.said.includes('[worker-3] extra given'), { what: 'the prefixed output' });
  });

  it('starts with the workers it was told to begin with', async () => {
    const made = make({ initialWorkers: 2 });
    await made.target.start();
    expect(await state(made)).toMatchObject({ replicas: 2 });
  });

  it('stops the victims and nobody else when it shrinks', async () => {
    const made = make();
    const [first = 0, second = 0, third = 0] = await grow(made, 3);
    const answer = await made.target.scaleTo({ from: 3, to: 2, victims: ['local-2-2'] });
    expect(answer).toEqual({ ok: true, removed: ['local-2-2'], stayed: [] });
    expect(await ids(made)).toEqual(['local-1-1', 'local-3-3']);
    await ended(second);
    expect([isAlive(first), isAlive(third)]).toEqual([true, true]);
    expect(made.said).toContain('[worker-2] asked to stop');
    expect(made.exits).toEqual([]);
  });

  it('stops nobody who is no victim, however few are asked for', async () => {
    const made = make();
    const [pid = 0] = await grow(made, 1);
    expect(await made.target.scaleTo({ from: 1, to: 0, victims: ['a stranger'] })).toEqual({
      ok: true,
      removed: [],
      stayed: ['a stranger'],
    });
    expect(isAlive(pid)).toBe(true);
    expect(await state(made)).toMatchObject({ replicas: 1 });
  });

  it('refuses when the number has changed since it was read', async () => {
    const made = make();
    expect(await made.target.scaleTo({ from: 1, to: 2, victims: [] })).toMatchObject({ ok: false });
    expect(await state(made)).toMatchObject({ replicas: 0 });
  });

  it('takes a free place again', async () => {
    const made = make();
    await grow(made, 2);
    await made.target.scaleTo({ from: 2, to: 1, victims: ['local-1-1'] });
    await grow(made, 2);
    expect(await ids(made)).toEqual(['local-2-2', 'local-1-3']);
  });

  it('kills a worker that does not stop within the grace', async () => {
    const made = make({ env: { MODE: 'stubborn' }, graceMs: 100 });
    const [pid = 0] = await grow(made, 1);
    await made.target.scaleTo({ from: 1, to: 0, victims: ['local-1-1'] });
    await ended(pid);
    expect(made.said).toContain('[worker-1] asked to stop');
  });
});

describe('a worker that ends unasked', () => {
  it('is replaced after a pause by one with another name', async () => {
    const made = make();
    const [pid = 0] = await grow(made, 1);
    process.kill(pid, 'SIGKILL');
    await waitUntil(() => made.exits[0], { what: 'its end is told' });
    expect(made.exits).toMatchObject([{ id: 'local-1-1', signal: 'SIGKILL', restartInMs: 500 }]);
    expect(await state(made)).toMatchObject({ replicas: 1, starting: 1, workers: [] });
    await pidOf(made, 'local-1-2');
    expect(await state(made)).toMatchObject({ replicas: 1, starting: 0, workers: [{ id: 'local-1-2' }] });
  });

  it('is waited for longer each time when it ends at once', async () => {
    const made = make({ env: { MODE: 'crash' } });
    await made.target.scaleTo({ from: 0, to: 1, victims: [] });
    await waitUntil(() => made.exits.length >= 3, { what: 'three crashes', timeoutMs: 10_000 });
    expect(made.exits.map(({ code, restartInMs }) => [code, restartInMs])).toEqual([
      [3, 500],
      [3, 1_000],
      [3, 2_000],
    ]);
  });

  it('is forgotten as a failure when it had lived for 30 s', async () => {
    let now = 0;
    const made = make({ now: () => (now += 30_000) });
    for (const id of ['local-1-1', 'local-1-2']) {
      if (id === 'local-1-1') await grow(made, 1);
      process.kill(await pidOf(made, id), 'SIGKILL');
    }
    await waitUntil(() => made.exits.length === 2, { what: 'two ends' });
    expect(made.exits.map(({ restartInMs }) => restartInMs)).toEqual([500, 500]);
  });

  it('gives up its place without a step when it is wanted to go', async () => {
    const made = make({ env: { MODE: 'crash' } });
    await made.target.scaleTo({ from: 0, to: 1, victims: [] });
    await waitUntil(() => made.exits[0], { what: 'its end' });
    await made.target.scaleTo({ from: 1, to: 0, victims: [] });
    expect(await state(made)).toMatchObject({ replicas: 0 });
  });

  it('is not replaced when it was marked as a victim', async () => {
    const made = make();
    const [pid = 0] = await grow(made, 1);
    await made.target.markVictims({ victims: ['local-1-1'] });
    process.kill(pid, 'SIGTERM');
    await waitUntil(async () => (await state(made)).replicas === 0, { what: 'it is gone' });
    expect(made.exits).toEqual([{ id: 'local-1-1', code: 0, signal: null }]);
  });

  it('is told when the program cannot be started', async () => {
    const made = make({ command: ['/no/such/program'] });
    await made.target.scaleTo({ from: 0, to: 1, victims: [] });
    const exit = await waitUntil(() => made.exits[0], { what: 'the failure is told' });
    expect(exit.error?.message).toContain('ENOENT');
  });
});

describe('its stop', () => {
  it('leaves no worker behind', async () => {
    const made = make();
    const pids = await grow(made, 2);
    await made.target.stop(never());
    expect(pids.filter(isAlive)).toEqual([]);
    expect(made.exits).toEqual([]);
  });

  it('kills those that are still there when the deadline is over', async () => {
    const made = make({ env: { MODE: 'stubborn' } });
    const pids = await grow(made, 2);
    await made.target.stop(AbortSignal.timeout(50));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('waits for a victim that is still stopping', async () => {
    const made = make({ env: { MODE: 'stubborn' } });
    const pids = await grow(made, 1);
    await made.target.scaleTo({ from: 1, to: 0, victims: ['local-1-1'] });
    await made.target.stop(AbortSignal.timeout(50));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  describeServiceContract({ create: () => make({ initialWorkers: 1 }).target });
});

describe('output to files', () => {
  it('goes to a file a worker', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'workers-'));
    cleanUps.push(async () => rm(folder, { recursive: true, force: true }));
    const made = make({ openOutput: outputToFiles(path.join(folder, 'logs')) });
    await made.target.scaleTo({ from: 0, to: 1, victims: [] });
    const text = await waitUntil(
      async () => {
        const content = await readFile(path.join(folder, 'logs', 'worker-1.log'), 'utf8');
        return content.includes('extra none') ? content : undefined;
      },
      { what: 'the log is written' },
    );
    expect(text).toContain('started local-1-1');
  });
});
