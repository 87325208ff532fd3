/** Values of options, as commander hands them over. */
import { InvalidArgumentError } from 'commander';

export const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
};

export const seconds = (text: string): number => {
  if (!/^\d{1,8}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It has to be a number of seconds.');
  return Number(text);
};

/** Of an option that may come several times. */
export const label = (
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It has to be key=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
};

/** Ms of a time limit in seconds. */
export const toMs = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1_000;
