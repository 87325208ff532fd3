/** Runs one program in a process group of its own, so that all of it can be ended, whatever it starts itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { isGroupAlive } from './process-identity.ts';

export interface ProgramOptions {
  command: string;
  args: readonly string[];
  /** The whole environment; nothing is inherited. */
  env: Readonly<Record<string, string | undefined>>;
  /** Output and errors are appended here. */
  logFile: string;
  cwd?: string;
  /** Text for its standard input, which is empty otherwise. */
  input?: string;
}

export interface Program {
  readonly pid: number;
  /** Resolves when it has ended, with what is to be said about it: `exit code 1`, `SIGKILL`. */
  readonly exited: Promise<string>;
  isRunning(): boolean;
  /** SIGTERM to the program; SIGKILL to its whole group after the deadline, or when the program ended and left something. */
  stop(deadlineMs: number): Promise<void>;
  /** SIGKILL to the whole group. */
  kill(): Promise<void>;
}

const signal = (pid: number, name: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
};

const killGroup = async (pid: number): Promise<void> => {
  for (let tries = 0; tries < 100 && isGroupAlive(pid); tries += 1) {
    signal(-pid, 'SIGKILL');
    await sleep(10);
  }
};

const spawnChild = (options: ProgramOptions): ChildProcess => {
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    return spawn(options.command, options.args, {
      env: options.env,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', log, log],
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
  } finally {
    closeSync(log);
  }
};

/** What the leader left behind goes with it, at once: later its id could be somebody else's. */
const exitReason = async (child: ChildProcess): Promise<string> => {
  const reason = await new Promise<string>((resolve) => {
    child.once('exit', (code, name) => resolve(name ?? `exit code ${code}`));
  });
  if (child.pid !== undefined) await killGroup(child.pid);
  return reason;
};

/** @throws when the command cannot be started. */
export const startProgram = async (options: ProgramOptions): Promise<Program> => {
  const child = spawnChild(options);
  const exited = exitReason(child);
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.command} has no process id`);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input);
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const kill = async (): Promise<void> => {
    if (isRunning()) await killGroup(pid);
    await exited;
  };
  const stop = async (deadlineMs: number): Promise<void> => {
    if (isRunning()) signal(pid, 'SIGTERM');
    await Promise.race([exited, sleep(deadlineMs)]);
    await kill();
  };
  return { pid, exited, isRunning, stop, kill };
};
