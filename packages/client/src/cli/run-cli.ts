/** Runs one command line, and turns what it throws into a sentence and an exit code. */
import { CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import { exitCodeFor, exitCodes } from './exit-codes.ts';
import { errorAsJson, explainError } from './explain-error.ts';
import { forTerminal } from './for-terminal.ts';
import { createProgram } from './program.ts';

const wantsJson = (args: readonly string[]): boolean => args.includes('--json');

const failed = (cli: Cli, args: readonly string[], error: unknown): number => {
  // Commander has said what was wrong; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (cli.signal.aborted) return exitCodes.interrupted;
  const text = wantsJson(args) ? errorAsJson(error) : explainError(error);
  cli.stderr.write(forTerminal(cli.stderr, `${text}\n`));
  return exitCodeFor(error);
};

/** @param args without the program's name. @returns the exit code. */
export const runCli = async (cli: Cli, args: readonly string[], version: string): Promise<number> => {
  try {
    await createProgram(cli, version).parseAsync(args, { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    return failed(cli, args, error);
  }
};
