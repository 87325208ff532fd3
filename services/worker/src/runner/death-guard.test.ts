import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { describe, expect, it } from 'vitest';
import { residentBytes } from './resident-memory.ts';

/** What stands for a worker: a process that starts a runner and lets it run one job. */
const owner = (launch: unknown, input: unknown): string => `
  import { pino } from 'pino';
  import { startRunnerProcess } from ${JSON.stringify(join(import.meta.dirname, 'runner-process.ts'))};
  const runner = startRunnerProcess({
    launch: ${JSON.stringify(launch)},
    logger: pino({ level: 'silent' }),
    maxLineBytes: 10_000,
    onTooLong: () => undefined,
    onMessage: () => runner.send({ type: 'run', id: 'a', attempt: 1, input: ${JSON.stringify(input)} }),
  });
  runner.send({ type: 'setup' });
  process.stdin.once('end', () => process.exit(0)).resume();
`;

const moduleLaunch = {
  command: process.execPath,
  args: [
    '--conditions=@factorial/source',
    join(import.meta.dirname, 'module-host.ts'),
    join(import.meta.dirname, '../testing/fixture-task/handler.ts'),
  ],
  folder: tmpdir(),
};

const pythonLaunch = {
  command: 'python3',
  args: [
    '-c',
    [
      'import json, os',
      'input()',
      'print(json.dumps({"type": "ready"}), flush=True)',
      'file = json.loads(input())["input"]["file"]',
      'open(file, "w").write(str(os.getpid()))',
      'while True: pass',
    ].join('\n'),
  ],
  folder: tmpdir(),
};

interface Case {
  launch: object;
  what: 'spin' | 'hang';
  how: NodeJS.Signals | 'exit';
}

/** Starts an owner with a runner, ends the owner. @returns whether the runner ends too. */
const runnerEnds = async ({ launch, what, how }: Case): Promise<boolean> => {
  const folder = await mkdtemp(join(tmpdir(), 'guard-'));
  const file = join(folder, 'pid');
  const code = owner(launch, { do: what, file });
  const options = ['--conditions=@factorial/source', '--input-type=module', '-e', code];
  const parent = spawn(process.execPath, options, {
    stdio: ['pipe', 'ignore', 'inherit'],
    cwd: import.meta.dirname,
  });
  const runnerPid = async () => Number(await readFile(file, 'utf8')) || undefined;
  try {
    const pid = await waitUntil(runnerPid, { what: 'the run is under way', timeoutMs: 15_000 });
    if (how === 'exit') parent.stdin.end();
    else parent.kill(how);
    const isGone = waitUntil(() => residentBytes(pid) === undefined, { what: 'the runner is gone' });
    return await isGone.catch(() => !process.kill(pid, 'SIGKILL'));
  } finally {
    parent.kill('SIGKILL');
    await rm(folder, { recursive: true });
  }
};

describe('a runner whose worker is gone', () => {
  it.each<Case & { name: string }>([
    { name: 'computes and the worker is killed', launch: moduleLaunch, what: 'spin', how: 'SIGKILL' },
    { name: 'waits and the worker is killed', launch: moduleLaunch, what: 'hang', how: 'SIGKILL' },
    { name: 'computes and the worker exits', launch: moduleLaunch, what: 'spin', how: 'exit' },
    {
      name: 'computes in Python and the worker is killed',
      launch: pythonLaunch,
      what: 'spin',
      how: 'SIGKILL',
    },
  ])('ends when it $name', async (given) => {
    expect(await runnerEnds(given)).toBe(true);
  });
});
