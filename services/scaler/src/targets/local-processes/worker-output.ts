/** Where the output of local workers goes: a log file each, or our own output with the worker's name before each line. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface WorkerOutput {
  /** For `spawn`. */
  stdio: 'pipe' | number;
  /** Called once the process has been started. */
  attach(process: { stdout: Readable | null; stderr: Readable | null }): void;
}

/** @param name stable over the worker's restarts. */
export type OpenOutput = (name: string) => WorkerOutput;

/** The worker writes to the file itself: nothing is lost when we die first. */
export const outputToFiles = (folder: string): OpenOutput => {
  mkdirSync(folder, { recursive: true });
  return (name) => {
    const file = openSync(path.join(folder, `${name}.log`), 'a', 0o600);
    return { stdio: file, attach: () => closeSync(file) };
  };
};

const relay = (from: Readable | null, to: Writable, name: string): void => {
  if (!from) return;
  createInterface({ input: from }).on('line', (line) => to.write(`[${name}] ${line}\n`));
};

export const outputWithPrefix =
  (out: Writable, err: Writable): OpenOutput =>
  (name) => ({
    stdio: 'pipe',
    attach: ({ stdout, stderr }) => {
      relay(stdout, out, name);
      relay(stderr, err, name);
    },
  });
