/** One place where one job runs at a time, with a runner for each of the worker's tasks: a model that is loaded stays loaded. */
import { isSameRun, refOf, type RunRef } from './run-ref.ts';
import type { RunResult } from './run-result.ts';
import type { RunRequest, TaskRunner } from './task-runner.ts';

export interface SlotRequest extends RunRequest {
  /** Name of a task that the slot has a runner for. */
  task: string;
}

export interface Slot {
  start: () => Promise<void>;
  isReady: () => boolean;
  run: (request: SlotRequest) => Promise<RunResult>;
  stop: (ref: RunRef) => void;
  /** The runs it has, the one whose turn it is first. */
  line: () => readonly RunRef[];
  /** How long that one has been running, in milliseconds. */
  headMs: () => number;
  close: () => Promise<void>;
}

interface Waiting {
  request: SlotRequest;
  begin: () => void;
  settle: (result: RunResult) => void;
}

export const createSlot = (runners: ReadonlyMap<string, TaskRunner>): Slot => {
  const all = [...runners.values()];
  /** Jobs of another task than the one that runs: two tasks never compute at the same time. */
  const waiting: Waiting[] = [];
  let active: { task: string; runs: number } | undefined;

  const next = (): void => {
    const first = waiting[0];
    if (!first || (active && active.task !== first.request.task)) return;
    waiting.shift();
    first.begin();
    next();
  };

  const finish = (): void => {
    if (!active) return;
    active.runs -= 1;
    if (active.runs === 0) active = undefined;
    next();
  };

  const begin = async (runner: TaskRunner, request: SlotRequest): Promise<RunResult> => {
    active ??= { task: request.task, runs: 0 };
    active.runs += 1;
    const result = await runner.run(request);
    finish();
    return result;
  };

  const wait = async (runner: TaskRunner, request: SlotRequest): Promise<RunResult> =>
    new Promise((resolve) => {
      waiting.push({ request, settle: resolve, begin: () => void begin(runner, request).then(resolve) });
    });

  const run = async (request: SlotRequest): Promise<RunResult> => {
    const runner = runners.get(request.task);
    if (!runner) throw new Error(`no runner for task ${request.task}`);
    const isNext = waiting.length === 0 && (!active || active.task === request.task);
    return isNext ? begin(runner, request) : wait(runner, request);
  };

  const stop = (ref: RunRef): void => {
    const index = waiting.findIndex(({ request }) => isSameRun(request, ref));
    if (index >= 0) waiting.splice(index, 1)[0]?.settle({ kind: 'stopped' });
    for (const runner of all) runner.stop(ref);
  };

  return {
    start: async () => {
      await Promise.all(all.map(async (runner) => runner.start()));
    },
    isReady: () => all.every((runner) => runner.isReady()),
    run,
    stop,
    line: () => [...all.flatMap((runner) => runner.line()), ...waiting.map(({ request }) => refOf(request))],
    headMs: () => Math.max(0, ...all.map((runner) => runner.headMs())),
    close: async () => {
      for (const { settle } of waiting.splice(0)) settle({ kind: 'stopped' });
      await Promise.all(all.map(async (runner) => runner.close()));
    },
  };
};
