/**
 * n! by prime-swing: n! = (⌊n/2⌋!)² · swing(n), where swing(n) = n! / (⌊n/2⌋!)² has its prime factors at hand.
 * Source: Peter Luschny, "Fast Factorial Functions", algorithm PrimeSwing.
 */
import { oddPrimesUpTo } from './odd-primes.ts';
import type { Pace } from './pace.ts';
import { product } from './product.ts';

/** The power of an odd prime in swing(n): p^(number of odd ⌊n/pⁱ⌋), by Legendre's formula. */
const primePower = (n: number, prime: number): number => {
  let power = 1;
  for (let quotient = Math.floor(n / prime); quotient > 0; quotient = Math.floor(quotient / prime)) {
    if (quotient % 2 === 1) power *= prime;
  }
  return power;
};

const oddSwing = (n: number, primes: readonly number[]): bigint => {
  const powers: number[] = [];
  for (const prime of primes) {
    if (prime > n) break;
    const power = primePower(n, prime);
    if (power > 1) powers.push(power);
  }
  return product(powers);
};

/** n, ⌊n/2⌋, ⌊n/4⌋ … down to 2, the smallest first. */
const halvings = (n: number): number[] => {
  const values: number[] = [];
  for (let value = n; value >= 2; value = Math.floor(value / 2)) values.unshift(value);
  return values;
};

/** The exponent of 2 in n!: n minus the number of ones in its binary form (Legendre). */
const twosIn = (n: number): number => n - n.toString(2).replaceAll('0', '').length;

/**
 * @param n a whole number, 0 or more.
 * @param pace is told the share of the work done, 0 to 1: a step costs about as much as all smaller ones together.
 */
export const factorial = async (n: number, pace: Pace): Promise<bigint> => {
  const primes = oddPrimesUpTo(n);
  let odd = 1n;
  for (const value of halvings(n)) {
    odd = odd * odd * oddSwing(value, primes);
    await pace.step(value / n);
  }
  return odd << BigInt(twosIn(n));
};
