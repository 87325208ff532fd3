/** Products of many small numbers. Balanced halves let the engine's fast multiplication meet factors of like length. */

/** Below this many factors a plain loop is faster than halving on. */
const loopBelow = 16;

const productBetween = (factors: readonly bigint[], from: number, to: number): bigint => {
  if (to - from > loopBelow) {
    const middle = (from + to) >> 1;
    return productBetween(factors, from, middle) * productBetween(factors, middle, to);
  }
  return factors.slice(from, to).reduce((product, factor) => product * factor, 1n);
};

/** Multiplies neighbours while they fit a double exactly: fewer and fuller factors. */
const packed = (factors: Iterable<number>): bigint[] => {
  const full: bigint[] = [];
  let running = 1;
  for (const factor of factors) {
    if (running * factor <= Number.MAX_SAFE_INTEGER) running *= factor;
    else {
      full.push(BigInt(running));
      running = factor;
    }
  }
  return [...full, BigInt(running)];
};

/** The product of the factors, 1 of none. @param factors whole numbers from 1 to 2^53 − 1. */
export const product = (factors: Iterable<number>): bigint => {
  const full = packed(factors);
  return productBetween(full, 0, full.length);
};
