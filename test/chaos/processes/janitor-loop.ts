/** The janitor, run again and again as its CronJob does, and at the mercy of the faults while it runs. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Program } from '../../../dev/programs/program.ts';

export interface JanitorLoop {
  /** The run of the moment, if there is one. */
  pids(): number[];
  /** Resolves when the last run has ended. */
  done: Promise<void>;
}

export const startJanitorLoop = (
  runJanitor: () => Promise<Program>,
  everyMs: number,
  over: AbortSignal,
): JanitorLoop => {
  let current: Program | undefined;
  const loop = async (): Promise<void> => {
    while (await sleep(everyMs, over)) {
      current = await runJanitor();
      await Promise.race([current.exited, sleep(60_000)]);
      await current.kill();
    }
  };
  return {
    pids: () => (current?.isRunning() ? [current.pid] : []),
    done: loop(),
  };
};
