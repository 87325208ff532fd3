/**
 * The decimal digits of a large integer, with pauses. The engine's own conversion takes as long, but in one piece: no progress, no cancelling.
 *
 * The number is made a fraction of 10^digits by the one division there is; from then on, digits come off its front by
 * multiplication. A half of the digits needs half of the fraction's bits, so the halves shrink as the work goes down.
 * Source: D. J. Bernstein, "Scaled remainder trees", 2004, in its form for radix conversion.
 *
 * Every fraction is rounded up, by less than 40 · 2^−bits in all levels together, which is below 2^−58 of its last digit's
 * unit (guardBits). So a digit could be wrong only where what follows it is nearer to the next unit than that: a run of
 * nines. Such a place is noticed (doubtBits), and the engine's conversion takes over.
 */
import type { Pace } from './pace.ts';

/** Digits up to which one multiplication yields a leaf's digits at once. */
const leafDigits = 400;
/** Numbers up to this many digits are converted without a pause. */
const pauseAboveDigits = 20_000;
const guardBits = 64;
/** A rest that begins with this many ones is in doubt. */
const doubtBits = 48;
const bitsPerDigit = Math.log2(10);

interface Fraction {
  /** The fraction is numerator / 2^bits. */
  numerator: bigint;
  bits: number;
}

interface Tree {
  /** Digits of a leaf; level k has leaf · 2^k. */
  leaf: number;
  /** 5^(leaf · 2^k) at k. */
  fives: readonly bigint[];
  levels: number;
  /** Set when a digit may be wrong. */
  doubtful: boolean;
}

const bitsFor = (digits: number): number => Math.ceil(digits * bitsPerDigit) + guardBits;

const bitLength = (value: bigint): number => value.toString(16).length * 4;

const rounded = (fraction: Fraction, bits: number): Fraction =>
  fraction.bits <= bits
    ? fraction
    : { numerator: (fraction.numerator >> BigInt(fraction.bits - bits)) + 1n, bits };

const plantTree = (digits: number): Tree => {
  const levels = Math.max(0, Math.ceil(Math.log2(digits / leafDigits)));
  const leaf = Math.ceil(digits / 2 ** levels);
  const fives = [5n ** BigInt(leaf)];
  for (let last = fives[0] ?? 1n; fives.length <= levels; fives.push(last)) last *= last;
  return { leaf, fives, levels, doubtful: false };
};

const fiveAt = (tree: Tree, level: number): bigint =>
  tree.fives[level] ?? 5n ** BigInt(tree.leaf * 2 ** level);

/** Multiplies by 10^(digits of the level); what was in front of the point is dropped. Bits of 2 need no multiplication. */
const behind = (fraction: Fraction, tree: Tree, level: number): Fraction => {
  const bits = fraction.bits - tree.leaf * 2 ** level;
  return { bits, numerator: BigInt.asUintN(bits, fraction.numerator * fiveAt(tree, level)) };
};

const leafText = (fraction: Fraction, tree: Tree): string => {
  const shift = BigInt(fraction.bits - tree.leaf);
  return ((fraction.numerator * fiveAt(tree, 0)) >> shift).toString().padStart(tree.leaf, '0');
};

const isInDoubt = (rest: Fraction): boolean =>
  rest.numerator >> BigInt(rest.bits - doubtBits) === (1n << BigInt(doubtBits)) - 1n;

/** The digits' front and back half, each of the given level. */
const halves = (fraction: Fraction, tree: Tree, level: number): [Fraction, Fraction] => {
  const bits = bitsFor(tree.leaf * 2 ** level);
  const back = behind(fraction, tree, level);
  if (isInDoubt(back)) tree.doubtful = true;
  return [rounded(fraction, bits), rounded(back, bits)];
};

const digitsAtOnce = (fraction: Fraction, tree: Tree, level: number): string => {
  if (level === 0) return leafText(fraction, tree);
  const [front, back] = halves(fraction, tree, level - 1);
  return digitsAtOnce(front, tree, level - 1) + digitsAtOnce(back, tree, level - 1);
};

const asFraction = (value: bigint, tree: Tree): Fraction => {
  const digits = tree.leaf * 2 ** tree.levels;
  const bits = bitsFor(digits);
  return { bits, numerator: (value << BigInt(bits - digits)) / fiveAt(tree, tree.levels) + 1n };
};

/**
 * @param value 0 or more.
 * @param pace is told the share of the work done, 0 to 1.
 */
export const toDecimal = async (value: bigint, pace: Pace): Promise<string> => {
  const digits = Math.floor(bitLength(value) / bitsPerDigit) + 1;
  if (digits <= pauseAboveDigits) return value.toString();
  const tree = plantTree(digits);
  const parts: string[] = [];
  // The division is about two fifths of the work.
  const share = (): number => 0.4 + (0.6 * parts.length) / 2 ** (tree.levels - pausingLevel(tree));
  const walk = async (fraction: Fraction, level: number): Promise<void> => {
    if (level <= pausingLevel(tree)) {
      parts.push(digitsAtOnce(fraction, tree, level));
      return pace.step(share());
    }
    const [front, back] = halves(fraction, tree, level - 1);
    await walk(front, level - 1);
    await walk(back, level - 1);
  };
  const fraction = asFraction(value, tree);
  await pace.step(0.4);
  await walk(fraction, tree.levels);
  return tree.doubtful ? value.toString() : parts.join('').replace(/^0+/, '');
};

/** The highest level that is short enough to be done in one go. */
const pausingLevel = (tree: Tree): number => Math.max(0, Math.floor(Math.log2(pauseAboveDigits / tree.leaf)));
