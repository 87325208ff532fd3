/** A worker process: one job at a time, messages held in advance where jobs are short, quiet when asked to drain or to stop. */
import { createServiceTime, prefetchFor } from '../../../services/worker/src/service-time.ts';
import type { Consumer, Job, MessageQueue } from './message-queue.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface WorkerDeps {
  id: string;
  clock: VirtualClock;
  queue: MessageQueue;
  /** From the process's start to its readiness. */
  coldStartMs: number;
  /** Told of each run that begins. */
  began: () => void;
  finished: (job: Job) => void;
}

export interface SimulatedWorker {
  readonly id: string;
  readonly startedAtMs: number;
  readonly coldStartMs: number;
  serve(): void;
  isServing(): boolean;
  /** As asked by the api; taken back when it asks no longer. */
  drain(isAsked: boolean): void;
  isDraining(): boolean;
  /** SIGTERM: what is held goes back, what runs may end. */
  stop(onIdle: () => void): void;
  /** The process ends, whatever it does. @returns whether a run was lost. */
  kill(): boolean;
  /** Its process has ended. */
  isGone(): boolean;
  isBusy(): boolean;
  /** Age of the run, 0 without one. */
  runningMs(): number;
  /** Messages that it has and does not work on. */
  held(): readonly Job[];
}

interface Run {
  job: Job;
  sinceMs: number;
}

export const createWorker = (deps: WorkerDeps): SimulatedWorker => {
  const { id, clock, queue, coldStartMs, began, finished } = deps;
  const startedAtMs = clock.now();
  const serviceTime = createServiceTime();
  const held: Job[] = [];
  let run: Run | undefined;
  let state: 'starting' | 'serving' | 'stopping' | 'dead' = 'starting';
  let isDraining = false;
  let prefetch = 1;
  let onIdle = (): void => undefined;

  const takesMore = (): boolean => state === 'serving' && !isDraining;

  const begin = (): void => {
    const job = run ? undefined : held.shift();
    if (!job) return;
    const begun: Run = { job, sinceMs: clock.now() };
    run = begun;
    began();
    clock.at(clock.now() + job.serviceMs, () => {
      if (run === begun) end(begun);
    });
  };

  const end = ({ job }: Run): void => {
    run = undefined;
    serviceTime.observe(job.serviceMs);
    prefetch = prefetchFor(serviceTime.estimateMs(0), 1);
    queue.acknowledge();
    finished(job);
    begin();
    queue.dispatch();
    if (!run && state === 'stopping') onIdle();
  };

  const consumer: Consumer = {
    hasRoom: () => takesMore() && held.length + (run ? 1 : 0) < prefetch,
    deliver: (job) => {
      held.push(job);
      begin();
    },
  };

  const giveBack = (): void => queue.requeue(held.splice(0));

  return {
    id,
    startedAtMs,
    coldStartMs,
    serve: () => {
      if (state !== 'starting') return;
      state = 'serving';
      queue.join(consumer);
    },
    isServing: () => state === 'serving',
    drain: (isAsked) => {
      if (isAsked === isDraining) return;
      isDraining = isAsked;
      if (isAsked) giveBack();
      else queue.dispatch();
    },
    isDraining: () => isDraining || state === 'stopping',
    stop: (whenIdle) => {
      state = 'stopping';
      onIdle = whenIdle;
      queue.leave(consumer);
      giveBack();
      if (!run) whenIdle();
    },
    kill: () => {
      state = 'dead';
      queue.leave(consumer);
      const lost = run;
      run = undefined;
      if (lost) queue.requeue([lost.job]);
      return lost !== undefined;
    },
    isGone: () => state === 'dead',
    isBusy: () => run !== undefined,
    runningMs: () => (run ? clock.now() - run.sinceMs : 0),
    held: () => held,
  };
};
