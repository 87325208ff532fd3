/** Keeps one local worker running: starts another, later and later, when it ends unasked. */
import { retryDelayMs } from '@factorial/core/time/backoff';
import type { WorkerEnd, WorkerProcess } from './worker-process.ts';

/** One that lived this long has started well: its end says nothing about the next start. */
const provenMs = 30_000;
const restartBackoff = { baseMs: 1_000, ceilingMs: 30_000 } as const;

export interface WorkerExit extends WorkerEnd {
  id: string;
  /** Absent where it is not started again. */
  restartInMs?: number;
}

export interface WorkerSlotDeps {
  start: () => WorkerProcess;
  /** Whether this worker's end was expected, so that none takes its place. */
  mayGo: (id: string) => boolean;
  /** Told of every end that this slot did not ask for. */
  exited: (exit: WorkerExit) => void;
  /** Told when it has given up its place. */
  vacated: () => void;
  now: () => number;
  random: () => number;
}

export interface WorkerSlot {
  /** The id of the worker that runs; undefined between an end and the next start. */
  id(): string | undefined;
  /** Ends the worker and starts none again. Resolves when nothing runs. */
  stop(graceMs: number, deadline?: AbortSignal): Promise<void>;
}

/** At least half of the delay: a program that fails at once must not be started in a row without pause. */
const restartDelayMs = (failures: number, random: number): number =>
  retryDelayMs(failures, 0.5 + random / 2, restartBackoff);

export const createWorkerSlot = (deps: WorkerSlotDeps): WorkerSlot => {
  let current: WorkerProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failures = 0;

  const afterEnd = (id: string, end: WorkerEnd, startedAt: number): void => {
    current = undefined;
    if (stopped) return;
    if (deps.mayGo(id)) {
      deps.exited({ id, ...end });
      return deps.vacated();
    }
    failures = deps.now() - startedAt >= provenMs ? 1 : failures + 1;
    const restartInMs = restartDelayMs(failures, deps.random());
    deps.exited({ id, ...end, restartInMs });
    timer = setTimeout(run, restartInMs);
  };

  const run = (): void => {
    const worker = deps.start();
    const startedAt = deps.now();
    current = worker;
    void worker.ended.then((end) => afterEnd(worker.id, end, startedAt));
  };

  run();
  return {
    id: () => current?.id,
    stop: async (graceMs, deadline) => {
      stopped = true;
      clearTimeout(timer);
      await current?.stop(graceMs, deadline);
    },
  };
};
