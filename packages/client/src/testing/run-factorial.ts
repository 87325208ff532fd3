/** Runs a command line inside the test, and catches what it says. */
import { PassThrough, Readable, Writable } from 'node:stream';
import type { Output } from '../cli/cli.ts';
import { runCli } from '../cli/run-cli.ts';

export interface Ran {
  code: number;
  out: string;
  err: string;
}

export interface RunFactorialOptions {
  env?: Readonly<Record<string, string | undefined>>;
  stdin?: string;
  /** Whether stdout and stderr are a terminal. */
  terminal?: boolean;
  signal?: AbortSignal;
  now?: () => number;
  /** Told of all that is written to stderr. */
  onErr?: (text: string) => void;
}

const createOutput = (
  isTTY: boolean,
  onText: (text: string) => void,
): { output: Output; text: () => string } => {
  const pieces: Buffer[] = [];
  const output: Output = new Writable({
    write: (piece: Buffer, _encoding, done) => {
      pieces.push(piece);
      onText(piece.toString());
      done();
    },
  });
  output.isTTY = isTTY;
  return { output, text: () => Buffer.concat(pieces).toString() };
};

export const runFactorial = async (
  args: readonly string[],
  options: RunFactorialOptions = {},
): Promise<Ran> => {
  const {
    env = {},
    stdin,
    terminal = false,
    signal = new AbortController().signal,
    now = Date.now,
  } = options;
  const stdout = createOutput(terminal, () => undefined);
  const stderr = createOutput(terminal, options.onErr ?? (() => undefined));
  const cli = {
    env,
    stdin: stdin === undefined ? new PassThrough().end() : Readable.from([stdin]),
    stdout: stdout.output,
    stderr: stderr.output,
    signal,
    now,
    exitCode: 0,
  };
  const code = await runCli(cli, args, '0.0.0-test');
  return { code, out: stdout.text(), err: stderr.text() };
};
