/**
 * How long the system takes to get over a kill: until a job that was submitted after it is done, and each job that was being
 * worked on where it struck is in somebody's hands again, or has ended.
 */
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Journal } from '../load/journal.ts';
import type { ScheduledFault } from '../schedule/fault.ts';
import { isFinalJob, type StoredJob, type StoreView } from './store-view.ts';

export interface Recovery {
  fault: ScheduledFault;
  /** ms; undefined: never, or nothing came after it to tell. */
  tookMs?: number;
}

export interface RecoveryWatch {
  /** To be called when the blow has fallen. @param held what was held where it struck. */
  begin(fault: ScheduledFault, held: readonly StoredJob[]): void;
  recoveries: readonly Recovery[];
  /** Resolves when all have recovered, or at the signal. */
  settled(): Promise<void>;
}

export interface RecoveryDeps {
  journal: Pick<Journal, 'entries'>;
  store: Pick<StoreView, 'job'>;
  signal: AbortSignal;
}

const lookEveryMs = 200;

export const createRecoveryWatch = ({ journal, store, signal }: RecoveryDeps): RecoveryWatch => {
  const recoveries: Recovery[] = [];
  const watching: Promise<void>[] = [];

  const isInHandAgain = async ({ id, attempt }: StoredJob): Promise<boolean> => {
    const now = await store.job(id);
    return now !== undefined && (isFinalJob(now) || now.attempt > attempt);
  };

  const servesAgain = (sinceMs: number): boolean =>
    journal.entries.some(({ sentAt, finalAt }) => sentAt >= sinceMs && finalAt !== undefined);

  const watch = async (recovery: Recovery, held: readonly StoredJob[]): Promise<void> => {
    const began = Date.now();
    let left = [...held];
    while (!signal.aborted) {
      const back = await Promise.all(left.map(isInHandAgain));
      left = left.filter((_, index) => back[index] === false);
      if (left.length === 0 && servesAgain(began)) {
        recovery.tookMs = Date.now() - began;
        return;
      }
      await sleep(lookEveryMs, signal);
    }
  };

  return {
    begin: (fault, held) => {
      const recovery: Recovery = { fault };
      recoveries.push(recovery);
      watching.push(watch(recovery, held));
    },
    recoveries,
    settled: async () => void (await Promise.all(watching)),
  };
};
