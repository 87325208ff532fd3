/** One part of the system under fault: what befalls it comes one after the other, and whoever started it starts it again. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Restartable } from '../../../dev/system/restartable.ts';

export interface ChaosPart {
  /** Queues behind what is happening to the part already. */
  kill(downMs: number): Promise<void>;
  stop(downMs: number): Promise<void>;
  freeze(ms: number): Promise<void>;
  /** Killed, changed, started. */
  rebuild(downMs: number, change: () => Promise<void>): Promise<void>;
  /** Resolves when it runs again after all that befell it. */
  settled(): Promise<void>;
}

const restartPauseMs = 500;

/** @param signal nobody starts it any more. */
export const createChaosPart = (program: Restartable, signal: AbortSignal): ChaosPart => {
  let busy: Promise<void> = Promise.resolve();

  /** A start can fail while what it needs is away: as a supervisor does, it tries again. */
  const startAgain = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        return await program.start();
      } catch {
        await sleep(restartPauseMs, signal);
      }
    }
  };

  const queue = async (act: () => Promise<void>): Promise<void> => {
    busy = busy.then(act);
    await busy;
  };

  const endBy =
    (end: () => Promise<void>) =>
    async (downMs: number, change: () => Promise<void> = async () => Promise.resolve()): Promise<void> =>
      queue(async () => {
        await end();
        await change();
        await sleep(downMs, signal);
        await startAgain();
      });

  return {
    kill: async (downMs) => endBy(program.kill)(downMs),
    stop: async (downMs) => endBy(program.stop)(downMs),
    rebuild: endBy(program.kill),
    freeze: async (ms) =>
      queue(async () => {
        program.freeze();
        await sleep(ms, signal);
        program.thaw();
      }),
    settled: async () => busy,
  };
};
