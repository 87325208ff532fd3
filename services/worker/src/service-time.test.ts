import { describe, expect, it } from 'vitest';
import { createServiceTime, lineLengthFor, longRunMs, nextPrefetch, prefetchFor } from './service-time.ts';

describe('prefetchFor', () => {
  it.each([
    { serviceMs: undefined, slots: 3, prefetch: 3 },
    { serviceMs: 0, slots: 1, prefetch: 64 },
    { serviceMs: 1, slots: 1, prefetch: 64 },
    { serviceMs: 10, slots: 1, prefetch: 20 },
    { serviceMs: 10, slots: 2, prefetch: 40 },
    { serviceMs: 10, slots: 4, prefetch: 64 },
    { serviceMs: 150, slots: 2, prefetch: 4 },
    { serviceMs: 200, slots: 2, prefetch: 2 },
    { serviceMs: 300_000, slots: 8, prefetch: 8 },
    { serviceMs: 1, slots: 100, prefetch: 100 },
  ])('is $prefetch when a job takes $serviceMs ms on $slots slots', ({ serviceMs, slots, prefetch }) => {
    expect(prefetchFor(serviceMs, slots)).toBe(prefetch);
  });
});

describe('lineLengthFor', () => {
  it.each([
    [undefined, 1],
    [1_000, 1],
    [41, 1],
    [40, 2],
    [10, 5],
    [0, 32],
  ])('for jobs of %s ms is %i', (serviceMs, length) => {
    expect(lineLengthFor(serviceMs)).toBe(length);
  });
});

describe('nextPrefetch', () => {
  it('stays when the change is small, and follows when it is large or down to the slots', () => {
    expect(nextPrefetch(40, 64, 1)).toBe(40);
    expect(nextPrefetch(40, 21, 1)).toBe(40);
    expect(nextPrefetch(40, 80, 1)).toBe(80);
    expect(nextPrefetch(40, 20, 1)).toBe(20);
    expect(nextPrefetch(3, 2, 2)).toBe(2);
    expect(nextPrefetch(3, 3, 2)).toBe(3);
  });
});

describe('createServiceTime', () => {
  it('is unknown before the first run, then follows the runs', () => {
    const time = createServiceTime();
    expect(time.estimateMs(0)).toBeUndefined();
    time.observe(100);
    expect(time.estimateMs(0)).toBe(100);
    time.observe(200);
    expect(time.estimateMs(0)).toBeCloseTo(110);
  });

  it('counts a running job once it is long, and not before', () => {
    const time = createServiceTime();
    time.observe(5);
    expect(time.estimateMs(longRunMs - 1)).toBe(5);
    expect(time.estimateMs(longRunMs)).toBe(longRunMs);
  });
});
