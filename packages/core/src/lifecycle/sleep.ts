import { setTimeout as delay } from 'node:timers/promises';

/** Waits `ms`, or until the signal aborts; never throws. @returns false when it was cut short. */
export const sleep = async (ms: number, signal?: AbortSignal): Promise<boolean> => {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
    return true;
  } catch {
    return false;
  }
};
