/** Waits for a program that was just started: until it answers, ends, or the time is over. */
import { readFile } from 'node:fs/promises';
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Program } from './program.ts';

export interface ReadyOptions {
  /** What the reader knows it by: `RabbitMQ`. */
  name: string;
  program: Program;
  logFile: string;
  timeoutMs: number;
  /** One try; a throw counts as "not yet". Has to end by itself. */
  isReady: () => Promise<boolean>;
  /** Its abort stops the program and the waiting. */
  signal?: AbortSignal | undefined;
}

const stopWithinMs = 15_000;

const lastLines = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-8).join('\n');
};

/** What is said of a program that did not become ready; it does not run any more then. */
const explain = async ({ name, program, signal, timeoutMs, logFile }: ReadyOptions): Promise<string> => {
  if (signal?.aborted) {
    await program.stop(stopWithinMs);
    return `${name} was stopped while it started`;
  }
  const told = program.isRunning()
    ? `was not ready in ${timeoutMs / 1_000} s`
    : `ended (${await program.exited})`;
  await program.kill();
  return `${name} ${told}; the end of ${logFile}:\n${await lastLines(logFile)}`;
};

/** @throws with the end of its log when it ended or did not become ready in time; it is ended then. */
export const waitUntilReady = async (options: ReadyOptions): Promise<void> => {
  const { program, timeoutMs } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const over = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
  while (program.isRunning() && !over.aborted) {
    if (await options.isReady().catch(() => false)) return;
    await sleep(50, over);
  }
  throw new Error(await explain(options));
};
