/** Does the same with each of many, a limited number at a time. */

/**
 * Ends early when `work` fails: what has begun goes on.
 * @returns what came of each, in the order of the items. @throws what `work` threw first.
 */
export const inParallel = async <Item, Value>(
  items: readonly Item[],
  atATime: number,
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> => {
  const results: Value[] = [];
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return results;
};
