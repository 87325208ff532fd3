import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, expect, test } from 'vitest';
import { createMemoryWatch, type MemoryWatch } from './memory-watch.ts';

let watch: MemoryWatch | undefined;
afterEach(() => watch?.close());

/** A runner that has this much memory at each further look; the last one goes on. */
const watchOf = (...readings: (number | undefined)[]) => {
  let looks = 0;
  const over: number[] = [];
  const created = createMemoryWatch({
    pid: () => 1,
    isBusy: () => true,
    residentBytes: () => {
      looks += 1;
      return readings[Math.min(looks, readings.length) - 1];
    },
    limitBytes: 200,
    onOver: (bytes) => over.push(bytes),
    everyMs: 1,
  });
  watch = created;
  const seen = async (count: number): Promise<true> =>
    waitUntil(() => looks >= count, { what: `${count} looks` });
  return { watch: created, over, seen };
};

test('remembers what a runner had when it has died and tells nothing any more', async () => {
  const { watch: watched, seen } = watchOf(100, 180, undefined);
  await seen(4);
  expect(watched.lastBytes()).toBe(180);
});

test('knows nothing of the next runner before the first look at it', async () => {
  const { watch: watched, seen } = watchOf(180, undefined);
  await seen(2);
  watched.forget();
  expect(watched.lastBytes()).toBe(0);
});

test('tells each time that the limit is passed', async () => {
  const { over, seen } = watchOf(200, 201, 202, 10);
  await seen(5);
  expect(over).toEqual([201, 202]);
});
