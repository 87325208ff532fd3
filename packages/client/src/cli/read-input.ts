/** A job's input from the command line: pairs, JSON, a file, or what is piped in. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Cli } from './cli.ts';
import { UsageError } from './exit-codes.ts';

const parse = (json: string, from: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    throw new UsageError(`${from} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const readJsonFile = async (file: string): Promise<unknown> => {
  const json = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  return parse(json, file);
};

/** A value is JSON where it can be: `n=10` is a number, `name=Ann` a text. */
const valueOf = (raw: string): unknown => {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return raw;
  }
};

/** @throws UsageError */
export const splitPair = (pair: string): [key: string, text: string] => {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError(`${pair} is no key=value; a whole input goes into --input.`);
  return [pair.slice(0, at), pair.slice(at + 1)];
};

const fromPairs = (pairs: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(pairs.map(splitPair).map(([key, text]) => [key, valueOf(text)]));

/** @param given `-`, `@file` or JSON. @throws UsageError */
export const readInput = async (
  { stdin }: Pick<Cli, 'stdin'>,
  given: string | undefined,
  pairs: readonly string[],
): Promise<unknown> => {
  if (given !== undefined && pairs.length > 0)
    throw new UsageError('Give the input as key=value or by --input, not both.');
  if (given === undefined) return fromPairs(pairs);
  if (given === '-') return parse(await text(stdin), 'what was piped in');
  return given.startsWith('@') ? readJsonFile(given.slice(1)) : parse(given, '--input');
};
