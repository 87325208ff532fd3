/** Makes the slots with their runners. */
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import { launchOf } from './runner/launch-of.ts';
import { residentBytes } from './runner/resident-memory.ts';
import { startRunnerProcess } from './runner/runner-process.ts';
import { createSlot, type Slot } from './runner/slot.ts';
import { createTaskRunner, type TaskRunner } from './runner/task-runner.ts';
import type { Task } from './tasks/load-tasks.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface CreateSlotsDeps {
  count: number;
  tasks: ReadonlyMap<string, Task>;
  maxOutputBytes: number;
  /** The worker's environment; runners get what is not the worker's own. */
  env: NodeJS.ProcessEnv;
  metrics: Pick<WorkerMetrics, 'ranFor' | 'runnerRestarted'>;
  logger: Logger;
  onRunTime: (ms: number) => void;
  onBroken: (error: Error) => void;
  nowMs: () => number;
  random: () => number;
}

/** An output of text in JSON is longer than the text: quotes, escapes. */
const lineShare = 2;

const runnerFor = (name: string, task: Task, deps: CreateSlotsDeps): TaskRunner => {
  const logger = deps.logger.child({ task: name });
  const maxLineBytes = deps.maxOutputBytes * lineShare;
  return createTaskRunner({
    startProcess: (listener) =>
      startRunnerProcess({ launch: launchOf(task, deps.env), logger, maxLineBytes, ...listener }),
    setupTimeoutMs: task.setupTimeoutMs,
    memoryLimitBytes: task.definition.limits.memoryMiB * 1_048_576,
    maxOutputBytes: deps.maxOutputBytes,
    residentBytes,
    logger,
    nowMs: deps.nowMs,
    random: deps.random,
    onRunTime: (ms) => {
      deps.onRunTime(ms);
      deps.metrics.ranFor(name, ms / 1_000);
    },
    onRestart: () => deps.metrics.runnerRestarted(name),
    onBroken: deps.onBroken,
  });
};

export const createSlots = (deps: CreateSlotsDeps): Slot[] =>
  Array.from({ length: deps.count }, () =>
    createSlot(new Map([...deps.tasks].map(([name, task]) => [name, runnerFor(name, task, deps)]))),
  );

/** Sets all runners up on start, ends them on stop. */
export const createSlotsService = (slots: readonly Slot[]): Service => ({
  name: 'slots',
  start: async () => {
    await Promise.all(slots.map(async (slot) => slot.start()));
  },
  stop: async () => {
    await Promise.all(slots.map(async (slot) => slot.close()));
  },
});
