import { expect, test } from 'vitest';
import {
  ago,
  bytes,
  count,
  counted,
  duration,
  elapsed,
  exactly,
  percent,
  sentence,
  shortCount,
} from './format.ts';

test.each([
  [-1, '0 s'],
  [0.04, '0 s'],
  [0.44, '0.4 s'],
  [0.97, '1 s'],
  [59.6, '1 min'],
  [200, '3 min 20 s'],
  [3_600, '1 h'],
  [7_500, '2 h 5 min'],
  [86_399, '23 h 59 min'],
  [4 * 86_400 + 3_700, '4 d 1 h'],
])('%d seconds are %j', (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

test.each([
  [2_000, 'just now'],
  [-2_000, 'just now'],
  [30_000, '30 s ago'],
  [-300_000, 'in 5 min'],
  [7_200_000, '2 h ago'],
  [-30 * 86_400_000, 'in 30 days'],
])('%d ms back is %j', (back, words) => {
  expect(ago(1_000_000_000_000 - back, 1_000_000_000_000)).toBe(words);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1 kB'],
  [1_234, '1.23 kB'],
  [711_273, '711 kB'],
  [999_600, '1 MB'],
  [5_000_000_000_000, '5000 GB'],
])('%d bytes are %j', (value, words) => {
  expect(bytes(value)).toBe(words);
});

test('counts have their thousands apart and their noun in the right number', () => {
  expect(count(1_234_567)).toBe('1,234,567');
  expect([9_999, 12_000].map(shortCount)).toEqual(['9,999', '12K']);
  expect(counted(1, 'job')).toBe('1 job');
  expect(counted(2_000, 'job')).toBe('2,000 jobs');
});

test('what is not whole is not 100 %', () => {
  expect([0.999, 1, 1.5, -1].map(percent)).toEqual(['99 %', '100 %', '100 %', '0 %']);
});

test('what took no time that can be told took little', () => {
  expect([-1, 0, 0.04, 0.05, 12].map(elapsed)).toEqual([
    'under 0.1 s',
    'under 0.1 s',
    'under 0.1 s',
    '0.1 s',
    '12 s',
  ]);
});

test('limits are told as they are, with their thousands apart', () => {
  expect([1_000_000, -3, 0.0001, 2.5].map(exactly)).toEqual(['1,000,000', '-3', '0.0001', '2.5']);
});

test.each([
  ['boom', 'boom.'],
  ['The pen broke. ', 'The pen broke.'],
  ['why?', 'why?'],
  ['', ''],
])('%j as a sentence is %j', (text, words) => {
  expect(sentence(text)).toBe(words);
});
