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
  /**
   * To be called when the blow is struck. @param held what was held where it strikes.
   * @returns to be called when it has fallen: what ended before that proves nothing. Harmless when called again.
   */
  begin(fault: ScheduledFault, held: readonly StoredJob[]): () => void;
  recoveries: readonly Recovery[];
  /** Resolves when all have recovered, or at the signal. */
  settled(): Promise<void>;
}

export interface RecoveryDeps {
  journal: Pick<Journal, 'entries'>;
  store: Pick<StoreView, 'job'>;
  signal: AbortSignal;
}

/** ms since the epoch. */
interface Blow {
  beganAt: number;
  fallenAt?: number;
}

const lookEveryMs = 200;

export const createRecoveryWatch = ({ journal, store, signal }: RecoveryDeps): RecoveryWatch => {
  const recoveries: Recovery[] = [];
  const watching: Promise<void>[] = [];

  const isInHandAgain = async ({ id, attempt }: StoredJob): Promise<boolean> => {
    const now = await store.job(id);
    return now !== undefined && (isFinalJob(now) || now.attempt > attempt);
  };

  const servesAgain = ({ beganAt, fallenAt }: Blow): boolean =>
    fallenAt !== undefined &&
    journal.entries.some(({ sentAt, finalAt = 0 }) => sentAt >= beganAt && finalAt >= fallenAt);

  const watch = async (recovery: Recovery, blow: Blow, held: readonly StoredJob[]): Promise<void> => {
    let left = [...held];
    while (!signal.aborted) {
      const back = await Promise.all(left.map(isInHandAgain));
      left = left.filter((_, index) => back[index] === false);
      if (left.length === 0 && servesAgain(blow)) {
        recovery.tookMs = Date.now() - blow.beganAt;
        return;
      }
      await sleep(lookEveryMs, signal);
    }
  };

  return {
    begin: (fault, held) => {
      const recovery: Recovery = { fault };
      const blow: Blow = { beganAt: Date.now() };
      recoveries.push(recovery);
      watching.push(watch(recovery, blow, held));
      return () => void (blow.fallenAt ??= Date.now());
    },
    recoveries,
    settled: async () => void (await Promise.all(watching)),
  };
};
