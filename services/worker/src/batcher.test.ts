import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createBatcher } from './batcher.ts';

/** A sender whose batches are answered one by one, by hand. */
const createSender = () => {
  const batches: (readonly number[])[] = [];
  const answers: PromiseWithResolvers<readonly string[]>[] = [];
  const send = async (items: readonly number[]): Promise<readonly string[]> => {
    batches.push(items);
    const answer = Promise.withResolvers<readonly string[]>();
    answers.push(answer);
    return answer.promise;
  };
  const answer = (index: number): void =>
    answers[index]?.resolve((batches[index] ?? []).map((item) => `r${item}`));
  return { send, batches, answers, answer };
};

describe('createBatcher', () => {
  it('sends together what arrives in one turn, and hands each item its own answer', async () => {
    const { send, batches, answer } = createSender();
    const batcher = createBatcher({ send });
    const told = Promise.all([batcher.add(1), batcher.add(2), batcher.add(3)]);
    await nextTurn();
    answer(0);
    expect(await told).toEqual(['r1', 'r2', 'r3']);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('gathers what arrives while enough batches are under way', async () => {
    const { send, batches, answer } = createSender();
    const batcher = createBatcher({ send, maxInFlight: 1 });
    const first = batcher.add(1);
    await nextTurn();
    const others = [batcher.add(2)];
    await nextTurn();
    others.push(batcher.add(3));
    await nextTurn();
    expect(batches).toEqual([[1]]);
    answer(0);
    await first;
    expect(batches).toEqual([[1], [2, 3]]);
    answer(1);
    expect(await Promise.all(others)).toEqual(['r2', 'r3']);
  });

  it('keeps to the number of items and to their size', async () => {
    const { send, batches } = createSender();
    const sizes = new Map([
      [3, 90],
      [4, 20],
      [5, 200],
    ]);
    const sizeOf = (item: number): number => sizes.get(item) ?? 10;
    const batcher = createBatcher({ send, sizeOf, maxItems: 3, maxBytes: 100, maxInFlight: 9 });
    for (const item of [1, 2, 3, 4, 5, 6, 7, 8, 9]) void batcher.add(item);
    await nextTurn();
    expect(batches).toEqual([[1, 2], [3], [4], [5], [6, 7, 8], [9]]);
  });

  it('fails the items of a batch that fails, and sends the next', async () => {
    const { send, batches, answers, answer } = createSender();
    const batcher = createBatcher({ send, maxInFlight: 1 });
    const failing = batcher.add(1);
    await nextTurn();
    const next = batcher.add(2);
    answers[0]?.reject(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    await nextTurn();
    expect(batches).toEqual([[1], [2]]);
    answer(1);
    expect(await next).toBe('r2');
  });

  it('fails all items when there is not one answer for each', async () => {
    const batcher = createBatcher({ send: async () => ['only one'] });
    const told = await Promise.allSettled([batcher.add(1), batcher.add(2)]);
    expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
