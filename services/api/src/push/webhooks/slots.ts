/** How many deliveries are under way for one target's host, or for one owner: each has its share, and none holds up the others. */
export interface Slots {
  isFree(key: string): boolean;
  take(key: string): void;
  release(key: string): void;
}

/** @param limit at a time for each key. */
export const createSlots = (limit: number): Slots => {
  const taken = new Map<string, number>();
  const count = (key: string): number => taken.get(key) ?? 0;
  return {
    isFree: (key) => count(key) < limit,
    take: (key) => void taken.set(key, count(key) + 1),
    release: (key) => {
      if (count(key) > 1) taken.set(key, count(key) - 1);
      else taken.delete(key);
    },
  };
};
