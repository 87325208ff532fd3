import { assert, asyncProperty, bigInt, integer, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDecimal } from './to-decimal.ts';

const pace = { step: () => Promise.resolve() };

describe('toDecimal', () => {
  it("equals the engine's conversion when the number is anything up to 80000 digits", async () => {
    const digits = tuple(integer({ min: 1, max: 80_000 }), bigInt({ min: 1n, max: 2n ** 512n }));
    await assert(
      asyncProperty(digits, async ([bits, seed]) => {
        const value = seed ** BigInt(Math.ceil((bits * 3.3) / seed.toString(2).length));
        expect((await toDecimal(value, pace)) === value.toString()).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it.each([20_000, 20_001, 25_600, 40_000, 51_200, 100_000])(
    'is right beside the power of ten with %i zeros, where a rounding error would show',
    async (zeros) => {
      const power = 10n ** BigInt(zeros);
      expect((await toDecimal(power, pace)) === `1${'0'.repeat(zeros)}`).toBe(true);
      expect((await toDecimal(power - 1n, pace)) === '9'.repeat(zeros)).toBe(true);
      expect((await toDecimal(power + 1n, pace)) === `1${'0'.repeat(zeros - 1)}1`).toBe(true);
    },
  );

  it('is right when a long run of nines lies anywhere among other digits', async () => {
    const places = tuple(integer({ min: 18, max: 3_000 }), integer({ min: 0, max: 37_000 }));
    await assert(
      asyncProperty(places, async ([nines, behind]) => {
        const run = (10n ** BigInt(nines) - 1n) * 10n ** BigInt(behind);
        const value = 10n ** 41_000n + run + (behind > 0 ? 10n ** BigInt(behind - 1) : 0n);
        expect((await toDecimal(value, pace)) === value.toString()).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('answers 0 when the number is 0', async () => {
    expect(await toDecimal(0n, pace)).toBe('0');
  });

  it('tells a share of the work that grows to 1', async () => {
    const shares: number[] = [];
    await toDecimal(7n ** 200_000n, { step: (value) => Promise.resolve(void shares.push(value)) });
    expect(shares.length).toBeGreaterThan(5);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });
});
