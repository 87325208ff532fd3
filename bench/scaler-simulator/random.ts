/** Random numbers from a seed: the same seed gives the same jobs, start-up times and accidents. */

export interface Random {
  /** In [0, 1). */
  next(): number;
  between(least: number, most: number): number;
  /** Time to the next event of a Poisson process, in the unit that the rate is per. */
  exponential(rate: number): number;
  /** Log-normal with this mean; `sigma` is of the logarithm. */
  logNormal(mean: number, sigma: number): number;
}

/** mulberry32, a public-domain generator by Tommy Ettinger. */
const mulberry32 = (seed: number) => {
  let state = Math.trunc(seed);
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Box-Muller. */
const standardNormal = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

export const createRandom = (seed: number): Random => {
  const next = mulberry32(seed);
  // Seeds that lie close together begin alike.
  for (let skipped = 0; skipped < 8; skipped += 1) next();
  return {
    next,
    between: (least, most) => least + (most - least) * next(),
    exponential: (rate) => -Math.log(1 - next()) / rate,
    logNormal: (mean, sigma) => Math.exp(Math.log(mean) - sigma ** 2 / 2 + sigma * standardNormal(next)),
  };
};
