const firstMs = 500;
const longestMs = 15_000;

/** How long to wait before the next try: twice as long each time, and not all at the same moment. @param failures in a row, 1 or more. */
export const reconnectDelayMs = (failures: number, random: () => number): number => {
  const most = Math.min(longestMs, firstMs * 2 ** (failures - 1));
  return most / 2 + (most / 2) * random();
};
