/** The state file of `make run`: which processes it started, so that the next run can end what a crash left, and only that. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { z } from 'zod';
import { isGroupAlive, startedAt } from '../programs/process-identity.ts';

const processSchema = z.object({ name: z.string(), pid: z.number().int().positive(), startedAt: z.string() });
const stateSchema = z.object({ supervisor: processSchema, processes: z.array(processSchema) });

type RecordedProcess = z.output<typeof processSchema>;
type SavedState = z.output<typeof stateSchema>;

export interface RunState {
  /** Writes down a leader of a process group at once. */
  record(name: string, pid: number): void;
  forget(pid: number): void;
  /** SIGKILL to all that is recorded; for the moment before this process ends. */
  killAll(): void;
  /** All has been stopped: the file goes. */
  close(): void;
}

/** Somebody else's run is alive. */
export class AlreadyRunningError extends Error {}

const read = (file: string): SavedState | undefined => {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
};

const isSame = ({ pid, startedAt: began }: RecordedProcess): boolean => startedAt(pid) === began;

/**
 * By its leader, or by the group that outlived it: a system gives an id to no new process while a group bears it, so
 * a group whose leader is gone is the old one.
 */
const isLeftOver = (recorded: RecordedProcess): boolean =>
  isSame(recorded) || (startedAt(recorded.pid) === undefined && isGroupAlive(recorded.pid));

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself in this moment.
  }
};

const endLeftovers = async (processes: readonly RecordedProcess[]): Promise<string[]> => {
  const leftOver = processes.filter(isLeftOver);
  for (const { pid } of leftOver) killGroup(pid);
  for (let tries = 0; tries < 100 && leftOver.some(isLeftOver); tries += 1) await sleep(50);
  return [...new Set(leftOver.map(({ name }) => name))];
};

const describeSelf = (name: string, pid: number): RecordedProcess => ({
  name,
  pid,
  startedAt: startedAt(pid) ?? '',
});

const createRunState = (file: string): RunState => {
  const supervisor = describeSelf('make run', process.pid);
  const processes = new Map<number, RecordedProcess>();
  const save = (): void => {
    const state: SavedState = { supervisor, processes: [...processes.values()] };
    writeFileSync(`${file}.new`, JSON.stringify(state, undefined, 2), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  save();
  return {
    record: (name, pid) => {
      processes.set(pid, describeSelf(name, pid));
      save();
    },
    forget: (pid) => {
      if (processes.delete(pid)) save();
    },
    killAll: () => [...processes.values()].filter(isLeftOver).forEach(({ pid }) => killGroup(pid)),
    close: () => rmSync(file, { force: true }),
  };
};

/**
 * Takes over the state file.
 * @returns the new state, and the names of the processes that a dead run had left and that were ended.
 * @throws AlreadyRunningError when its owner is alive.
 */
export const openRunState = async (file: string): Promise<{ state: RunState; ended: string[] }> => {
  const saved = read(file);
  if (saved && isSame(saved.supervisor)) {
    throw new AlreadyRunningError(
      `make run is already up here (process ${saved.supervisor.pid}); stop it first, with Ctrl-C where it runs.`,
    );
  }
  const ended = saved ? await endLeftovers(saved.processes) : [];
  return { state: createRunState(file), ended };
};
