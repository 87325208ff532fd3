import { expect, test } from 'vitest';
import { createRetryPace } from './retry-pace.ts';

const almostOne = 1 - Number.EPSILON;

test('does not wait before the first start', () => {
  expect(createRetryPace().nextDelayMs(0, almostOne)).toBe(0);
});

test('waits longer each time, and at most 2 s, when starts follow each other', () => {
  const pace = createRetryPace();
  const delays = Array.from({ length: 8 }, () => pace.nextDelayMs(0, almostOne));
  expect(delays).toEqual([0, 99, 199, 399, 799, 1_599, 1_999, 1_999]);
});

test('forgets the failures when the last start has lasted', () => {
  const pace = createRetryPace();
  pace.nextDelayMs(0, almostOne);
  const delayMs = pace.nextDelayMs(0, almostOne);
  expect(delayMs).toBeGreaterThan(0);
  expect(pace.nextDelayMs(delayMs + 4_999, almostOne)).toBeGreaterThan(0);
  expect(pace.nextDelayMs(100_000, almostOne)).toBe(0);
});
