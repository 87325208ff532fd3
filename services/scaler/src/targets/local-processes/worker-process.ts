/** One local worker: an operating system process, from its start to its end. */
import { spawn } from 'node:child_process';
import type { OpenOutput } from './worker-output.ts';

export interface WorkerCommand {
  /** Program and arguments; no shell. */
  command: readonly [string, ...string[]];
  env: Readonly<Record<string, string>>;
}

export interface WorkerEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The program could not be started at all. */
  error?: Error;
}

export interface WorkerProcess {
  readonly id: string;
  readonly pid: number | undefined;
  /** Resolves when it has ended, however. */
  readonly ended: Promise<WorkerEnd>;
  /** SIGTERM, and SIGKILL when it still runs after `graceMs` or when the deadline is over. Resolves when it has ended. */
  stop(graceMs: number, deadline?: AbortSignal): Promise<void>;
}

export interface StartWorkerOptions extends WorkerCommand {
  id: string;
  /** Name for its output. */
  name: string;
  openOutput: OpenOutput;
}

/** Its stdin is a pipe of ours that nobody writes to: when we die the pipe ends, and the worker with it. */
const spawnWorker = ({ command: [program, ...args], env, id, name, openOutput }: StartWorkerOptions) => {
  const output = openOutput(name);
  const child = spawn(program, args, {
    stdio: ['pipe', output.stdio, output.stdio],
    env: { ...env, WORKER_ID: id, EXIT_WITH_PARENT: 'true' },
  });
  child.stdin?.on('error', () => undefined);
  output.attach(child);
  return child;
};

export const startWorkerProcess = (options: StartWorkerOptions): WorkerProcess => {
  const child = spawnWorker(options);
  const { promise: ended, resolve } = Promise.withResolvers<WorkerEnd>();
  child.once('exit', (code, signal) => resolve({ code, signal }));
  child.once('error', (error) => resolve({ code: null, signal: null, error }));

  const stop = async (graceMs: number, deadline?: AbortSignal): Promise<void> => {
    const kill = (): boolean => child.kill('SIGKILL');
    const timer = setTimeout(kill, graceMs);
    child.kill('SIGTERM');
    deadline?.addEventListener('abort', kill, { once: true });
    if (deadline?.aborted) kill();
    await ended;
    clearTimeout(timer);
    deadline?.removeEventListener('abort', kill);
  };
  return { id: options.id, pid: child.pid, ended, stop };
};
