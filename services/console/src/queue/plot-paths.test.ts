import { describe, expect, test } from 'vitest';
import { areaPath, type Frame, linePath, pointAt, ticksUpTo, timeTicks } from './plot-paths.ts';

const frame: Frame = { fromMs: 0, toMs: 100, top: 10, width: 200, height: 50, gapMs: 40 };
const points = [
  { atMs: 0, value: 0 },
  { atMs: 20, value: 10 },
  { atMs: 40, value: 5 },
];

describe('a line', () => {
  test('goes in steps, as counts do', () => {
    expect(linePath(frame, points)).toBe('M0 50H40V0H80V25');
  });

  test('is broken where nothing is known for long, and where a value is not known', () => {
    expect(linePath(frame, [...points, { atMs: 90, value: 5 }])).toBe('M0 50H40V0H80V25M180 25');
    const unknown = [
      { atMs: 0, value: 1 },
      { atMs: 10, value: undefined },
      { atMs: 20, value: 1 },
    ];
    expect(linePath(frame, unknown)).toBe('M0 45M40 45');
  });

  test('is nothing when there are no points', () => {
    expect([linePath(frame, []), areaPath(frame, [])]).toEqual(['', '']);
  });

  test('stays inside the frame', () => {
    expect(linePath(frame, [{ atMs: 0, value: 99 }])).toBe('M0 0');
  });
});

test('an area reaches down to the axis', () => {
  expect(areaPath(frame, points)).toBe('M0 50H40V0H80V25V50H0Z');
});

test.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [3, [0, 1, 2, 3]],
  [7, [0, 2, 4, 6, 8]],
  [30, [0, 10, 20, 30]],
  [999, [0, 500, 1_000]],
  [12_345, [0, 5_000, 10_000, 15_000]],
])('the scale up to %i has round steps', (highest, ticks) => {
  expect(ticksUpTo(highest)).toEqual(ticks);
});

test('times on the axis are round ones, of the place where one is', () => {
  const hour = { ...frame, fromMs: 90_000, toMs: 3_690_000, width: 600 };
  expect(timeTicks(hour, 0)).toEqual(
    [600, 1_200, 1_800, 2_400, 3_000, 3_600].map((second) => second * 1_000),
  );
  const halfPast = 30 * 60_000;
  const day = { ...frame, fromMs: 0, toMs: 86_400_000, width: 600 };
  expect(timeTicks(day, halfPast)[0]).toBe(5.5 * 3_600_000);
});

test('the point at a time is the last one before it', () => {
  expect(pointAt(points, 30)?.value).toBe(10);
  expect(pointAt(points, -5)?.value).toBe(0);
  expect(pointAt([], 5)).toBeUndefined();
});
