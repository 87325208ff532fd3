import { describe, expect, test } from 'vitest';
import { mostTries, planAfter, type Plan } from './plan-after.ts';
import type { PostResult } from './post-webhook.ts';

const nowMs = Date.UTC(2030, 0, 1);
const at = (tries: number, random = 0.5) => ({ tries, random, nowMs });
const answered = (status: number, retryAfter?: string): PostResult => ({
  kind: 'answered',
  status,
  ...(retryAfter === undefined ? {} : { retryAfter }),
});
const delayOf = ({ outcome }: Plan): number => {
  if (outcome.kind !== 'again') throw new Error(`it is ${outcome.kind}`);
  return outcome.delayMs;
};

const hourMs = 3_600_000;

test.each([200, 201, 202, 204, 299])('%i is delivered', (status) => {
  expect(planAfter(answered(status), at(0))).toEqual({
    result: 'delivered',
    outcome: { kind: 'delivered' },
  });
});

test('410 ends it', () => {
  expect(planAfter(answered(410), at(0))).toMatchObject({ result: 'gone', outcome: { kind: 'failed' } });
});

test('a refused target ends it, with the reason', () => {
  expect(planAfter({ kind: 'refused', reason: 'has to be a URL' }, at(0))).toEqual({
    result: 'refused',
    outcome: { kind: 'failed' },
    error: 'the target has to be a URL',
  });
});

test.each([
  [answered(301), /redirect, which is not followed/],
  [answered(400), /answered 400/],
  [answered(404), /answered 404/],
  [answered(500), /answered 500/],
  [{ kind: 'unanswered', reason: 'no answer in time' } as const, /no answer in time/],
])('%o is tried again', (posted, error) => {
  expect(planAfter(posted, at(0))).toMatchObject({
    result: 'retry',
    outcome: { kind: 'again', delayMs: 5_000 },
    error: expect.stringMatching(error),
  });
});

describe('what fails again and again', () => {
  const delays = Array.from({ length: mostTries - 1 }, (_, tries) =>
    delayOf(planAfter(answered(500), at(tries))),
  );

  test('is tried after growing delays, over most of a day', () => {
    expect(delays).toEqual(delays.toSorted((one, other) => one - other));
    const total = delays.reduce((sum, delay) => sum + delay, 0);
    expect(total).toBeGreaterThan(20 * hourMs);
    expect(total * 1.1).toBeLessThan(24 * hourMs);
  });

  test('is given up after the last', () => {
    expect(planAfter(answered(500), at(mostTries - 1))).toMatchObject({
      result: 'exhausted',
      outcome: { kind: 'failed' },
      error: `answered 500; given up after ${mostTries} attempts`,
    });
  });

  test('comes back within a tenth of the time, each delivery at its own', () => {
    expect(delayOf(planAfter(answered(500), at(5, 0)))).toBe(0.9 * hourMs);
    expect(delayOf(planAfter(answered(500), at(5, 0.999_999)))).toBeLessThanOrEqual(1.1 * hourMs);
  });
});

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    [new Date(nowMs + 120_000).toUTCString(), 120_000],
    ['999999999', 6 * hourMs],
    ['1', 5_000],
    [new Date(nowMs - 60_000).toUTCString(), 5_000],
    ['-5', 5_000],
    ['soon', 5_000],
    ['', 5_000],
  ])('of "%s" makes it wait that long, within bounds', (header, atLeastMs) => {
    for (const status of [429, 503]) {
      const delayMs = delayOf(planAfter(answered(status, header), at(0)));
      expect(delayMs).toBeGreaterThanOrEqual(atLeastMs);
      expect(delayMs).toBeLessThanOrEqual(atLeastMs * 1.1);
    }
  });

  test('of another answer is not heard', () => {
    expect(delayOf(planAfter(answered(500, '3600'), at(0)))).toBe(5_000);
  });

  test('gives no more attempts than there are', () => {
    expect(planAfter(answered(429, '1'), at(mostTries - 1))).toMatchObject({ result: 'exhausted' });
  });
});
