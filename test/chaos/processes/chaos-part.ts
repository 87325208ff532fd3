/** One part of the system under fault: what befalls it comes one after the other, and whoever started it starts it again. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Restartable } from '../../../dev/system/restartable.ts';
import { workerOf } from './find-processes.ts';
import type { Blow } from '../ledger/recovery.ts';

export interface ChaosPart {
  /** Queues behind what is happening to the part already. */
  kill(downMs: number, blow: Blow): Promise<void>;
  stop(downMs: number): Promise<void>;
  freeze(ms: number): Promise<void>;
  /** Killed, changed, started. */
  rebuild(downMs: number, blow: Blow, change: () => Promise<void>): Promise<void>;
  /** Resolves when it runs again after all that befell it, or cannot be started any more. */
  settled(): Promise<void>;
  /** What to say when it could not be started again. */
  missing(): string[];
}

const restartPauseMs = 500;

/** @param startLimitMs how long a start may take with all its repetitions. */
export const createChaosPart = (name: string, program: Restartable, startLimitMs: number): ChaosPart => {
  let busy: Promise<void> = Promise.resolve();
  let isMissing = false;

  /** A start can fail while what it needs is away: as a supervisor does, it tries again. */
  const startAgain = async (): Promise<void> => {
    const limit = AbortSignal.timeout(startLimitMs);
    while (!limit.aborted) {
      try {
        return await program.start();
      } catch {
        await sleep(restartPauseMs, limit);
      }
    }
    isMissing = true;
  };

  const queue = async (act: () => Promise<void>): Promise<void> => {
    busy = busy.then(act);
    await busy;
  };

  const restart = async (downMs: number, end: () => Promise<void>): Promise<void> =>
    queue(async () => {
      await end();
      await sleep(downMs);
      await startAgain();
    });

  const fall = async (blow: Blow): Promise<void> => {
    await blow.willFall(await workerOf(program.pid()));
    await program.kill();
    blow.hasFallen();
  };

  return {
    kill: async (downMs, blow) => restart(downMs, async () => fall(blow)),
    stop: async (downMs) => restart(downMs, program.stop),
    rebuild: async (downMs, blow, change) =>
      restart(downMs, async () => {
        await fall(blow);
        await change();
      }),
    freeze: async (ms) =>
      queue(async () => {
        program.freeze();
        await sleep(ms);
        program.thaw();
      }),
    settled: async () => busy,
    missing: () => (isMissing ? [`${name} did not come back within ${startLimitMs / 1_000} s`] : []),
  };
};
