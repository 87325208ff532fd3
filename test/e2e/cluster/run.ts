/** Runs a program to its end, within a time limit, and gives what it printed. */
import { spawn } from 'node:child_process';

export interface RunOptions {
  /** Text for its standard input. */
  input?: string;
  timeoutMs?: number;
  env?: Readonly<Record<string, string>>;
  /** Exit codes that are no failure, beside 0. */
  alsoGood?: readonly number[];
  /** Told of each piece of output as it comes. */
  onOutput?: (text: string) => void;
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-15).join('\n');

/** @throws Error with its last words, when it fails or takes too long. */
export const run = async (
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ran> => {
  const { input = '', timeoutMs = 120_000, env = {}, alsoGood = [], onOutput } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  const child = spawn(command, args, { env: { ...process.env, ...env }, signal, killSignal: 'SIGKILL' });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text;
      onOutput?.(text);
    });
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? -1));
  }).catch((thrown: unknown) => {
    const why = signal.aborted ? `did not end within ${timeoutMs} ms` : String(thrown);
    throw new Error(`${command} ${args.join(' ')}: ${why}\n${lastLines(out.stdout + out.stderr)}`);
  });
  if (code !== 0 && !alsoGood.includes(code)) {
    throw new Error(`${command} ${args.join(' ')}: exit code ${code}\n${lastLines(out.stdout + out.stderr)}`);
  }
  return { code, ...out };
};
