/** A program of a test system that is killed, stopped, frozen and started again, under one handle. */
import type { Running } from '../run/supervised-service.ts';

export interface Restartable {
  /** Of the life that runs now; 0 before the first one. */
  pid: () => number;
  start: () => Promise<void>;
  /** In good order. */
  stop: () => Promise<void>;
  /** SIGKILL to all of it. */
  kill: () => Promise<void>;
  /** SIGSTOP to all of it; harmless where it does not run. */
  freeze: () => void;
  /** SIGCONT to all of it. */
  thaw: () => void;
}

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    if (pid > 0) process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
};

export const createRestartable = (launch: () => Promise<Running & { pid: number }>): Restartable => {
  let life: (Running & { pid: number }) | undefined;
  const pid = (): number => life?.pid ?? 0;
  return {
    pid,
    start: async () => {
      life = await launch();
    },
    stop: async () => life?.stop(),
    kill: async () => life?.kill(),
    freeze: () => signalGroup(pid(), 'SIGSTOP'),
    thaw: () => signalGroup(pid(), 'SIGCONT'),
  };
};

const nothing = async (): Promise<void> => Promise.resolve();

/** Somebody else's: not ours to start, to end or to hold up. */
export const unmanaged: Restartable = {
  pid: () => 0,
  start: nothing,
  stop: nothing,
  kill: nothing,
  freeze: () => undefined,
  thaw: () => undefined,
};
