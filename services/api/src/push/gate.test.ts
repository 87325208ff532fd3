import { expect, it } from 'vitest';
import { createGate } from './gate.ts';

const scene = (places: number) => {
  const gate = createGate(places);
  const begun: number[] = [];
  const work = Array.from({ length: 6 }, (_, index) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const result = gate(async () => {
      begun.push(index);
      return promise;
    });
    result.catch(() => undefined);
    return { result, resolve, reject };
  });
  return { begun, work };
};

it('lets so many in, and the next one when one is done or has failed', async () => {
  const { begun, work } = scene(2);
  expect(begun).toEqual([0, 1]);
  work[1]?.resolve(7);
  expect(await work[1]?.result).toBe(7);
  expect(begun).toEqual([0, 1, 2]);
  work[0]?.reject(new Error('broken'));
  await expect(work[0]?.result).rejects.toThrow('broken');
  expect(begun).toEqual([0, 1, 2, 3]);
  for (const { resolve } of work) resolve(1);
  await Promise.all(work.slice(1).map(async ({ result }) => result));
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
});
