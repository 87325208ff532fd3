/** A program of a test system that is killed, stopped and started again, under one handle. */
import type { Running } from '../run/supervised-service.ts';

export interface Restartable {
  /** Of the life that runs now. */
  pid: () => number;
  start: () => Promise<void>;
  /** In good order. */
  stop: () => Promise<void>;
  /** SIGKILL to all of it. */
  kill: () => Promise<void>;
}

export const createRestartable = (launch: () => Promise<Running & { pid: number }>): Restartable => {
  let life: (Running & { pid: number }) | undefined;
  return {
    pid: () => life?.pid ?? 0,
    start: async () => {
      life = await launch();
    },
    stop: async () => life?.stop(),
    kill: async () => life?.kill(),
  };
};
