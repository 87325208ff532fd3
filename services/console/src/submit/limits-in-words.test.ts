import { expect, test } from 'vitest';
import type { NumberField, TextField } from './field.ts';
import { numberLimits, textLimits } from './limits-in-words.ts';

const number: NumberField = {
  kind: 'number',
  label: 'n',
  description: undefined,
  isRequired: true,
  isInteger: true,
  minimum: undefined,
  maximum: undefined,
  above: undefined,
  below: undefined,
  multipleOf: undefined,
  start: '',
};
const text: TextField = {
  kind: 'text',
  label: 'name',
  description: undefined,
  isRequired: true,
  minLength: 0,
  maxLength: undefined,
  pattern: undefined,
  isLong: false,
  start: '',
};

test.each<[Partial<NumberField>, string | undefined]>([
  [{}, undefined],
  [{ minimum: 0, maximum: 1_000_000 }, 'Whole number, 0 to 1,000,000.'],
  [{ minimum: 1 }, 'Whole number, 1 or more.'],
  [{ isInteger: false, above: 0, maximum: 1 }, 'Number, 1 or less, more than 0.'],
])('a number with %j says %j', (limits, words) => {
  expect(numberLimits({ ...number, ...limits })).toBe(words);
});

test.each<[Partial<TextField>, string | undefined]>([
  [{ minLength: 1 }, undefined],
  [{ minLength: 1, maxLength: 60 }, 'Up to 60 characters.'],
  [{ minLength: 3, maxLength: 60 }, '3 to 60 characters.'],
  [{ minLength: 3 }, '3 or more characters.'],
  [{ pattern: '^a' }, 'Of the form ^a.'],
  [{ maxLength: 9, pattern: '^a' }, 'Up to 9 characters, of the form ^a.'],
])('a text with %j says %j', (limits, words) => {
  expect(textLimits({ ...text, ...limits })).toBe(words);
});
