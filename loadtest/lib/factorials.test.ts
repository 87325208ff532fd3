import { expect, it } from 'vitest';
import { eachFactorial, spread } from './factorials.ts';

it.each([
  { asked: [5, 5, 50], numbers: [5] },
  { asked: [5, 6, 50], numbers: [5, 6] },
  { asked: [0, 4, 50], numbers: [0, 1, 2, 3, 4] },
  { asked: [0, 100, 3], numbers: [0, 50, 100] },
] as const)('spreads numbers from, to and at most $asked', ({ asked: [min, max, count], numbers }) => {
  expect(spread(min, max, count)).toEqual(numbers);
});

it('gives the digits of each factorial', () => {
  const given: [number, string][] = [];
  eachFactorial([0, 1, 5, 25], (n, digits) => given.push([n, digits]));
  expect(given).toEqual([
    [0, '1'],
    [1, '1'],
    [5, '120'],
    [25, '15511210043330985984000000'],
  ]);
});
