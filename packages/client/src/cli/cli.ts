/** What a command gets from the world around it. */
import type { Readable, Writable } from 'node:stream';

export type Output = Writable & { isTTY?: boolean; columns?: number };

export interface Cli {
  env: Readonly<Record<string, string | undefined>>;
  stdin: Readable;
  stdout: Output;
  stderr: Output;
  /** Aborts at Ctrl-C. */
  signal: AbortSignal;
  /** Ms since the epoch. */
  now: () => number;
  /** What the process will exit with. */
  exitCode: number;
}
