import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { run } from './handler.ts';

const context = () => ({ signal: new AbortController().signal, progress: () => undefined });

/** SHA-256 of `str(math.factorial(n))` of Python 3.11. */
const pythonDigests = [
  { n: 30_000, digits: 121_288, sha256: 'cb7761b716bc89db93454b8a4e5a9a3bd58a36c63a7838e84d7915ef4b933c11' },
  { n: 150_000, digits: 711_273, sha256: 'aed1fccd08bd03a068fecf2409e2b0116fef9a3bc426f0f8b1d59960454bb1d9' },
];

describe('the factorial task', () => {
  it.each(pythonDigests)(
    "has the digits of Python's factorial when n is $n",
    async ({ n, digits, sha256 }) => {
      const output = await run({ n }, context());
      expect(output).toHaveLength(digits);
      expect(createHash('sha256').update(output).digest('hex')).toBe(sha256);
    },
  );

  it('ends in the 37498 zeros that Legendre counts when n is 150000', async () => {
    const output = await run({ n: 150_000 }, context());
    expect(/0*$/.exec(output)?.[0]).toHaveLength(37_498);
  });

  it('tells progress that grows from 0 to 1 when the work is long', async () => {
    const values: number[] = [];
    await run({ n: 200_000 }, { ...context(), progress: (value) => values.push(value) });
    expect(values.length).toBeGreaterThan(1);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
  });

  it('throws the reason when it is cancelled half-way', async () => {
    const cancelled = new AbortController();
    const progress = (): void => cancelled.abort(new Error('cancelled by the test'));
    await expect(run({ n: 200_000 }, { signal: cancelled.signal, progress })).rejects.toThrow(
      'cancelled by the test',
    );
  });
});
