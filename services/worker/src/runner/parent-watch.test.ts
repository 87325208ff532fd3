import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { describe, expect, it } from 'vitest';
import { residentBytes } from './resident-memory.ts';

/** A worker of a few lines: starts the module host, sets it up, runs one job. */
const worker = (host: string, handler: string, input: unknown): string => `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['--conditions=@factorial/source', ${JSON.stringify(host)}, ${JSON.stringify(handler)}, String(process.pid)],
    { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  child.stdin.write(JSON.stringify({ type: 'setup' }) + '\\n');
  child.stdout.once('data', () => child.stdin.write(JSON.stringify({ type: 'run', id: 'a', attempt: 1, input: ${JSON.stringify(input)} }) + '\\n'));
  process.stdin.once('end', () => process.exit(0)).resume();
`;

/** @param how the worker is ended. */
const runnerSurvives = async (what: 'spin' | 'hang', how: NodeJS.Signals | 'exit'): Promise<boolean> => {
  const folder = await mkdtemp(join(tmpdir(), 'watch-'));
  const file = join(folder, 'pid');
  const host = join(import.meta.dirname, 'module-host.ts');
  const handler = join(import.meta.dirname, '../testing/fixture-task/handler.ts');
  const parent = spawn(process.execPath, ['-e', worker(host, handler, { do: what, file })], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  try {
    const pid = Number(
      await waitUntil(async () => readFile(file, 'utf8'), {
        what: 'the run is under way',
        timeoutMs: 10_000,
      }),
    );
    if (how === 'exit') parent.stdin.end();
    else parent.kill(how);
    return await waitUntil(() => residentBytes(pid) === undefined, { what: 'the runner is gone' }).then(
      () => false,
      () => process.kill(pid, 'SIGKILL'),
    );
  } finally {
    parent.kill('SIGKILL');
    await rm(folder, { recursive: true });
  }
};

describe('the module host', () => {
  it('dies in the midst of a computation when its worker is killed', async () => {
    expect(await runnerSurvives('spin', 'SIGKILL')).toBe(false);
  });

  it('dies when its worker is killed while it waits', async () => {
    expect(await runnerSurvives('hang', 'SIGKILL')).toBe(false);
  });

  it('dies in the midst of a computation when its worker exits', async () => {
    expect(await runnerSurvives('spin', 'exit')).toBe(false);
  });
});
