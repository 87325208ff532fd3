/** How deeply a parsed JSON value is nested: what walks it recursively later must not run out of stack. */

/** Enough for any form of input there is; far below what a recursion can bear. */
export const deepestJson = 100;

/** @returns whether arrays and objects lie in each other more than `limit` deep. */
export const isDeeperThan = (value: unknown, limit: number): boolean => {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
};
