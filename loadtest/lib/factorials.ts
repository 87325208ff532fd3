/** Right results to judge by, found in another way than the system's: one multiplication after the other. */

/** @returns up to `count` whole numbers from `min` to `max`, both among them where there is room for two, evenly spread. */
export const spread = (min: number, max: number, count: number): number[] => {
  const steps = Math.max(1, Math.min(count - 1, max - min));
  const numbers = Array.from(
    { length: steps + 1 },
    (_, step) => min + Math.round((step * (max - min)) / steps),
  );
  return [...new Set(numbers)];
};

/**
 * Calls back with each number and the decimal digits of its factorial.
 * @param numbers in ascending order.
 */
export const eachFactorial = (numbers: readonly number[], use: (n: number, digits: string) => void): void => {
  let product = 1n;
  let factor = 1;
  for (const n of numbers) {
    for (; factor <= n; factor += 1) product *= BigInt(factor);
    use(n, product.toString());
  }
};
