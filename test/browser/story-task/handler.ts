/** A task with something to see: it logs, tells its progress and streams its output, and fails where its input says so. */
import { setTimeout as delay } from 'node:timers/promises';

interface StoryInput {
  about: string;
  words: number;
  tone?: string;
  msPerWord?: number;
  failures?: number;
  format?: { upperCase?: boolean; lineLength?: number };
}

interface Context {
  signal: AbortSignal;
  attempt: number;
  progress: (value: number, message?: string) => void;
  log: (text: string) => void;
  output: (chunk: string) => void;
}

const usualMsPerWord = 50;
const usualLineLength = 12;
const vocabulary = [
  'walks',
  'through',
  'the',
  'long',
  'grass',
  'and',
  'counts',
  'every',
  'prime',
  'up',
  'to',
  'n',
];

const wordAt = (index: number, { about, format }: StoryInput): string => {
  const word = index % vocabulary.length === 0 ? about : (vocabulary[index % vocabulary.length] ?? '');
  return format?.upperCase === true ? word.toUpperCase() : word;
};

const endAfter = (index: number, { format }: StoryInput): string =>
  (index + 1) % (format?.lineLength ?? usualLineLength) === 0 ? '\n' : ' ';

export const run = async (input: StoryInput, context: Context): Promise<void> => {
  const { signal, attempt, progress, log, output } = context;
  const { words, tone = 'plain', msPerWord = usualMsPerWord, failures = 0 } = input;
  log(`attempt ${attempt}: ${words} words in a ${tone} tone`);
  for (let index = 0; index < words; index += 1) {
    await delay(msPerWord, undefined, { signal });
    if (attempt <= failures && index >= words / 2) throw new Error('The pen broke.');
    output(`${wordAt(index, input)}${endAfter(index, input)}`);
    progress((index + 1) / words, `word ${index + 1} of ${words}`);
    if (index % 10 === 9) log(`${index + 1} words written`);
  }
};
