import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startedAt } from '../programs/process-identity.ts';
import { AlreadyRunningError, openRunState } from './run-state.ts';

let dir: string;
let file: string;
const pids: number[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factorial-state-'));
  file = join(dir, 'run.json');
});

afterEach(async () => {
  for (const pid of pids.splice(0)) if (startedAt(pid) !== undefined) process.kill(pid, 'SIGKILL');
  await rm(dir, { recursive: true });
});

/** @returns the id of a group's leader and that of another member. */
const startGroup = async (): Promise<{ leader: number; member: number }> => {
  const child = spawn('/bin/sh', ['-c', 'sleep 100 & echo $!; wait'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const [line] = await once(child.stdout, 'data');
  const [leader, member] = [child.pid ?? 0, Number(String(line))];
  pids.push(leader, member);
  return { leader, member };
};

const patient = { timeout: 5_000, interval: 10 };

/** The file as a supervisor leaves it that was killed. */
const leaveBehind = async (processes: readonly { pid: number; startedAt: string }[]): Promise<void> => {
  const supervisor = { name: 'make run', pid: process.pid, startedAt: 'long ago' };
  await writeFile(
    file,
    JSON.stringify({ supervisor, processes: processes.map((one) => ({ name: 'api', ...one })) }),
  );
};

it('refuses a second run while the first is alive', async () => {
  const { state } = await openRunState(file);
  await expect(openRunState(file)).rejects.toThrow(AlreadyRunningError);
  state.close();
  await expect(openRunState(file)).resolves.toMatchObject({ ended: [] });
});

it('ends what a dead run left, with all of its group', async () => {
  const { leader, member } = await startGroup();
  await leaveBehind([{ pid: leader, startedAt: startedAt(leader) ?? '' }]);
  const { ended } = await openRunState(file);
  expect(ended).toEqual(['api']);
  await expect.poll(() => startedAt(leader), patient).toBeUndefined();
  await expect.poll(() => startedAt(member), patient).toBeUndefined();
});

it('ends a group that outlived its leader', async () => {
  const { leader, member } = await startGroup();
  await leaveBehind([{ pid: leader, startedAt: startedAt(leader) ?? '' }]);
  process.kill(leader, 'SIGKILL');
  await expect.poll(() => startedAt(leader), patient).toBeUndefined();
  await openRunState(file);
  await expect.poll(() => startedAt(member), patient).toBeUndefined();
});

it('spares a process when it merely has the id of one that is gone', async () => {
  const { leader, member } = await startGroup();
  await leaveBehind([{ pid: leader, startedAt: 'another time' }]);
  const { ended } = await openRunState(file);
  expect(ended).toEqual([]);
  expect(startedAt(leader)).toBeDefined();
  expect(startedAt(member)).toBeDefined();
});

it('writes down a process at once, and forgets it', async () => {
  const { leader } = await startGroup();
  const { state } = await openRunState(file);
  state.record('api', leader);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    processes: [{ name: 'api', pid: leader }],
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  state.forget(leader);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ processes: [] });
});

it('kills all that is recorded when it has to go at once', async () => {
  const { leader, member } = await startGroup();
  const { state } = await openRunState(file);
  state.record('api', leader);
  state.killAll();
  await expect.poll(() => startedAt(leader), patient).toBeUndefined();
  await expect.poll(() => startedAt(member), patient).toBeUndefined();
});
