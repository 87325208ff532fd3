/** The scaler as a process of its own, for the tests: started with an environment, listened to, and gone at the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { waitUntil } from '@factorial/core/testing/wait-until';

const main = path.join(import.meta.dirname, '../main.ts');

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

export const startScaler = (env: Record<string, string>) => {
  const child = spawn(process.execPath, ['--conditions=@factorial/source', main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { TICK_SECONDS: '1', OPS_HOST: '127.0.0.1', OPS_PORT: '0', ...env },
  });
  const lines: string[] = [];
  /** Process ids of the local workers that have told of themselves. */
  const workers = new Set<number>();
  const ended = once(child, 'close');
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      const pid = Number(/started \S+ (\d+)/.exec(line)?.[1] ?? 0);
      if (pid > 0) workers.add(pid);
    });
  }
  const url = async (): Promise<string> =>
    waitUntil(
      () => {
        const line = lines.find((text) => text.includes('ops server listens'));
        return line && `http://127.0.0.1:${JSON.parse(line).port}`;
      },
      { what: 'the ops server listens', timeoutMs: 10_000 },
    );
  /** Kills what is still there. */
  const clear = (): void => {
    for (const pid of [child.pid ?? 0, ...workers].filter((known) => known > 0 && isAlive(known))) {
      process.kill(pid, 'SIGKILL');
    }
  };
  return { child, lines, workers, ended, url, clear };
};

export type ScalerProcess = ReturnType<typeof startScaler>;
