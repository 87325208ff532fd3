import { assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factorial } from './prime-swing.ts';

const pace = { step: () => Promise.resolve() };

const plainProduct = (n: number): bigint => {
  let result = 1n;
  for (let factor = 2n; factor <= n; factor++) result *= factor;
  return result;
};

/** The exponent of a prime in n! (Legendre): (n − sum of n's digits in base p) / (p − 1). */
const exponentIn = (n: number, prime: number): number => {
  const digitSum = Array.from(n.toString(prime)).reduce(
    (sum, digit) => sum + Number.parseInt(digit, prime),
    0,
  );
  return (n - digitSum) / (prime - 1);
};

describe('factorial', () => {
  it('equals the plain product for every n up to 400', async () => {
    for (let n = 0; n <= 400; n++) expect(await factorial(n, pace)).toBe(plainProduct(n));
  });

  it('equals the plain product when n is any number up to 3000', async () => {
    await assert(
      asyncProperty(integer({ min: 0, max: 3_000 }), async (n) => {
        expect(await factorial(n, pace)).toBe(plainProduct(n));
      }),
      { numRuns: 40 },
    );
  });

  it('holds each prime exactly as often as Legendre says when n is 20000', async () => {
    const value = await factorial(20_000, pace);
    for (const prime of [2, 3, 5, 7, 11, 13, 31]) {
      const power = BigInt(prime) ** BigInt(exponentIn(20_000, prime));
      expect(value % power).toBe(0n);
      expect(value % (power * BigInt(prime))).not.toBe(0n);
    }
  });

  it('is n times the factorial before it when n is large', async () => {
    expect(await factorial(50_001, pace)).toBe(50_001n * (await factorial(50_000, pace)));
  });
});
