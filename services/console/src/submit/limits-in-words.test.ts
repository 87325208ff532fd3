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
  [{ minimum: 1 }, 'Whole number, at least 1.'],
  [{ isInteger: false, above: 0, maximum: 1 }, 'Number, at most 1, more than 0.'],
])('a number with %j says %j', (limits, words) => {
  expect(numberLimits({ ...number, ...limits })).toBe(words);
});

test.each<[Partial<TextField>, string | undefined]>([
  [{ minLength: 1 }, undefined],
  [{ minLength: 1, maxLength: 60 }, 'At most 60 characters.'],
  [{ minLength: 3, maxLength: 60 }, '3 to 60 characters.'],
  [{ minLength: 3 }, 'At least 3 characters.'],
  [{ maxLength: 4_000 }, 'At most 4,000 characters.'],
  [{ pattern: '^a' }, 'Of the form ^a.'],
  [{ maxLength: 9, pattern: '^a' }, 'At most 9 characters, of the form ^a.'],
])('a text with %j says %j', (limits, words) => {
  expect(textLimits({ ...text, ...limits })).toBe(words);
});
