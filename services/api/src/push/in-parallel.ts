/** Does the same with each of many, a limited number at a time. */

/** Ends early when `work` fails: what has begun goes on. @throws what it threw first. */
export const inParallel = async <Item>(
  items: readonly Item[],
  atATime: number,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
};
