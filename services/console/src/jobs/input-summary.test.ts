import { expect, test } from 'vitest';
import { inputSummary } from './input-summary.ts';

test.each([
  [{ n: 150_000 }, 'n 150000'],
  [{ prompt: 'Grüße\n an  alle', size: [1, 2] }, 'prompt Grüße an alle, size [1,2]'],
  ['text', 'text'],
  [7, '7'],
  [null, 'null'],
  [undefined, ''],
])('%j is told as %j', (input, words) => {
  expect(inputSummary(input)).toBe(words);
});

test('a long input is cut', () => {
  expect(inputSummary({ prompt: 'x'.repeat(500) })).toHaveLength(80);
});
