/**
 * How long the system takes to get over a kill: until a job that was submitted after it is accepted, then one is done, and each job
 * that was being worked on where it struck is in somebody's hands again, or has ended.
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

/** A blow on its way: it may have to wait for its turn, and may meet nobody. */
export interface Blow {
  /** To be awaited right before it falls: notes what this worker holds. @param worker undefined: it strikes somebody who holds no jobs. */
  willFall(worker?: string): Promise<void>;
  /** To be called when whoever is hit serves no more: what ends before that proves nothing. Harmless when called again. */
  hasFallen(): void;
}

export interface RecoveryWatch {
  /** @returns a blow that counts from when it has fallen. */
  expect(fault: ScheduledFault): Blow;
  /** Of the blows that have fallen. */
  recoveries: readonly Recovery[];
  /** Resolves when all have recovered, or at the signal. */
  settled(): Promise<void>;
}

export interface RecoveryDeps {
  journal: Pick<Journal, 'entries'>;
  store: Pick<StoreView, 'job' | 'processing'>;
  /** Nothing is submitted any more, and all that was has ended. */
  isLoadOver: () => boolean;
  signal: AbortSignal;
}

/** ms since the epoch. */
interface BlowTimes {
  beganAt: number;
  fallenAt: number;
}

const lookEveryMs = 200;

export const createRecoveryWatch = ({ journal, store, isLoadOver, signal }: RecoveryDeps): RecoveryWatch => {
  const recoveries: Recovery[] = [];
  const watching: Promise<void>[] = [];

  const isInHandAgain = async ({ id, attempt }: StoredJob): Promise<boolean> => {
    const now = await store.job(id);
    return now !== undefined && (isFinalJob(now) || now.attempt > attempt);
  };

  /** When the first submission after the blow was taken; how long that job has to wait in line is the load's affair. */
  const takenAgainAt = ({ beganAt, fallenAt }: BlowTimes): number =>
    Math.min(
      ...journal.entries.map(({ sentAt, acceptedAt = 0 }) =>
        sentAt >= beganAt && acceptedAt >= fallenAt ? acceptedAt : Number.POSITIVE_INFINITY,
      ),
    );

  /** A blow that falls when nobody comes any more is got over when all that came before has ended. */
  const servesAgain = (blow: BlowTimes): boolean => {
    const takenAt = takenAgainAt(blow);
    return isLoadOver() || journal.entries.some(({ finalAt = 0 }) => finalAt >= takenAt);
  };

  const watch = async (recovery: Recovery, blow: BlowTimes, held: readonly StoredJob[]): Promise<void> => {
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

  /** While the store does not tell, nothing. */
  const heldBy = async (name: string): Promise<StoredJob[]> =>
    ((await store.processing()) ?? []).filter(({ worker }) => worker === name);

  return {
    expect: (fault) => {
      let held: readonly StoredJob[] = [];
      let beganAt = Date.now();
      let isWatched = false;
      return {
        willFall: async (worker) => {
          held = worker === undefined ? [] : await heldBy(worker);
          beganAt = Date.now();
        },
        hasFallen: () => {
          if (isWatched) return;
          isWatched = true;
          const recovery: Recovery = { fault };
          recoveries.push(recovery);
          watching.push(watch(recovery, { beganAt, fallenAt: Date.now() }, held));
        },
      };
    },
    recoveries,
    settled: async () => void (await Promise.all(watching)),
  };
};
