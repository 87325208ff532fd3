/** What every part of `make run` is given: the folder, the state file, the voice, and supervision. */
import type { Service } from '@factorial/core/lifecycle/service';
import type { LocalDir } from './local-dir.ts';
import type { RunState } from './run-state.ts';
import { createSupervisedService, type Running } from './supervised-service.ts';

/** @param onStart to be told the id of each process that leads a group, as soon as it runs. */
export type Launch = (signal: AbortSignal, onStart: (pid: number) => void) => Promise<Running>;

export interface RunContext {
  local: LocalDir;
  state: RunState;
  /** Prints a line for the person at the terminal. */
  say: (line: string) => void;
  supervise: (name: string, launch: Launch) => Service;
}

export const createRunContext = (deps: Omit<RunContext, 'supervise'>): RunContext => {
  const { state, say } = deps;
  /** What one launch started is forgotten when it has ended, so that the state file does not grow. */
  const recorded =
    (name: string, launch: Launch) =>
    async (signal: AbortSignal): Promise<Running> => {
      const pids: number[] = [];
      const running = await launch(signal, (pid) => {
        pids.push(pid);
        state.record(name, pid);
      });
      void running.exited.then(() => pids.forEach((pid) => state.forget(pid)));
      return running;
    };
  const supervise = (name: string, launch: Launch): Service =>
    createSupervisedService({
      name,
      launch: recorded(name, launch),
      say,
      now: Date.now,
      random: Math.random,
    });
  return { ...deps, supervise };
};
