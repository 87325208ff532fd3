/** Runs the janitor now and then, as a CronJob does in a cluster: one run at a time. */
import { once } from 'node:events';
import type { Service } from '@factorial/core/lifecycle/service';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { startProgram } from '../programs/program.ts';
import type { RunContext } from './run-context.ts';
import { mainArguments } from './service-process.ts';

export interface JanitorOptions {
  repositoryDir: string;
  env: Readonly<Record<string, string>>;
  /** From one run's end to the next one's beginning. */
  pauseMs: number;
}

export const createJanitorTimer = (context: RunContext, options: JanitorOptions): Service => {
  const { state, say, local } = context;
  const stopping = new AbortController();
  const { signal } = stopping;
  let loop: Promise<void> = Promise.resolve();

  const runOnce = async (): Promise<void> => {
    const program = await startProgram({
      command: process.execPath,
      args: mainArguments(options.repositoryDir, 'janitor'),
      env: { ...process.env, ...options.env },
      cwd: options.repositoryDir,
      logFile: local.log('janitor'),
    });
    state.record('janitor', program.pid);
    if (!signal.aborted) await Promise.race([program.exited, once(signal, 'abort')]);
    if (signal.aborted) await program.stop(2_000);
    const reason = await program.exited;
    state.forget(program.pid);
    if (reason !== 'exit code 0' && !signal.aborted)
      say(`janitor failed: ${reason}; see ${local.log('janitor')}`);
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await runOnce();
      await sleep(options.pauseMs, signal);
    }
  };

  return {
    name: 'janitor',
    start: async () => {
      loop = run();
      await Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
};
