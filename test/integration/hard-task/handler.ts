/** A task that really takes time and memory, for tests of the whole system. */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What a run is to do; each is an input of the task. */
export type HardInput =
  /** Waits, and leaves its event loop free; a later attempt waits another time where that is given. */
  | { do: 'sleep'; ms: number; laterMs?: number; pidFile?: string }
  /** Waits at its first run, which leaves a mark; whoever finds that is done at once. */
  | { do: 'stall'; ms: number; marker: string }
  /** Computes all the time: its event loop never turns. */
  | { do: 'spin'; ms: number; pidFile?: string }
  /** Takes memory until it is stopped. */
  | { do: 'grow' }
  /** Takes this much and waits to be killed. */
  | { do: 'hold'; mebibytes: number; pidFile: string };

const mebibyte = 1_048_576;

const spin = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

/** @returns whether it was there already. */
const leaveMark = (file: string): boolean => {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return false;
  } catch {
    return true;
  }
};

const grow = async (): Promise<never> => {
  const blocks: Buffer[] = [];
  for (;;) {
    blocks.push(Buffer.alloc(8 * mebibyte, 1));
    await delay(10);
  }
};

const hold = async (mebibytes: number): Promise<void> => {
  const block = Buffer.alloc(mebibytes * mebibyte, 1);
  await delay(600_000);
  block.fill(0);
};

export const run = async (input: HardInput, { attempt }: { attempt: number }): Promise<unknown> => {
  if ('pidFile' in input && input.pidFile) writeFileSync(input.pidFile, String(process.pid));
  switch (input.do) {
    case 'sleep':
      await delay(attempt === 1 ? input.ms : (input.laterMs ?? input.ms));
      break;
    case 'stall':
      if (!leaveMark(input.marker)) await delay(input.ms);
      break;
    case 'spin':
      spin(input.ms);
      break;
    case 'grow':
      return grow();
    case 'hold':
      await hold(input.mebibytes);
      break;
  }
  return { attempt, pid: process.pid };
};
