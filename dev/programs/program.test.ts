import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startedAt } from './process-identity.ts';
import { type Program, startProgram } from './program.ts';

const patient = { timeout: 5_000, interval: 10 };
let dir: string;
let logFile: string;
let program: Program | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factorial-program-'));
  logFile = join(dir, 'log');
});

afterEach(async () => {
  await program?.kill();
  await rm(dir, { recursive: true });
});

const shell = async (script: string): Promise<Program> => {
  program = await startProgram({ command: '/bin/sh', args: ['-c', script], env: process.env, logFile });
  return program;
};

const logged = async (pattern: RegExp): Promise<string> => {
  await expect.poll(async () => readFile(logFile, 'utf8'), patient).toMatch(pattern);
  return readFile(logFile, 'utf8');
};

it('ends what the program had started when the program ends', async () => {
  const { exited } = await shell('sleep 100 & echo $!; exit 3');
  expect(await exited).toBe('exit code 3');
  const grandchild = Number(await logged(/\d+\n/));
  await expect.poll(() => startedAt(grandchild), patient).toBeUndefined();
});

it('lets the program end in its own way when it is stopped', async () => {
  const started = await shell("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done");
  await logged(/up/);
  await started.stop(5_000);
  expect(await started.exited).toBe('exit code 0');
  expect(await logged(/bye/)).toContain('bye');
});

it('kills the program when it does not stop in time', async () => {
  const started = await shell("trap '' TERM; echo up; while :; do sleep 0.01; done");
  await logged(/up/);
  await started.stop(50);
  expect(await started.exited).toBe('SIGKILL');
  expect(started.isRunning()).toBe(false);
});

it('hands over the input', async () => {
  program = await startProgram({ command: '/bin/cat', args: [], env: {}, logFile, input: 'hello' });
  await program.exited;
  expect(await readFile(logFile, 'utf8')).toBe('hello');
});

it('says so when the command does not exist', async () => {
  const missing = { command: join(dir, 'nothing'), args: [], env: {}, logFile };
  await expect(startProgram(missing)).rejects.toThrow('ENOENT');
});
