/** What was given as key=value and read as JSON, as a text again where the task's schema takes nothing else: `text=123`. */
import { splitPair } from './read-input.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): boolean => typeof value === 'string';

/** Nothing is guessed: what the schema says elsewhere than at the property itself is not looked at. */
const isForTextOnly = (schema: unknown): boolean => {
  if (!isObject(schema)) return false;
  const { type, enum: choices } = schema;
  return type === 'string' || (Array.isArray(choices) && choices.length > 0 && choices.every(isText));
};

/**
 * @param input of these pairs, as they were read.
 * @param schema of the task's input.
 * @returns undefined where the schema asks for nothing else than what was read.
 */
export const withTexts = (
  input: unknown,
  pairs: readonly string[],
  schema: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined => {
  const { properties } = schema;
  if (!isObject(input) || !isObject(properties)) return undefined;
  const texts = pairs.map(splitPair).filter(([key]) => !isText(input[key]) && isForTextOnly(properties[key]));
  return texts.length === 0 ? undefined : { ...input, ...Object.fromEntries(texts) };
};
