import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { whenTokenEnds } from './when-token-ends.ts';

const clock = { now: () => Date.now() };
const dayMs = 86_400_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const watched = (goodForMs: number) => {
  const seen = { ended: 0 };
  const callOff = whenTokenEnds({ goodUntilMs: clock.now() + goodForMs }, clock, () => {
    seen.ended += 1;
  });
  return { seen, callOff };
};

it('ends when the token does', () => {
  const { seen } = watched(5_000);
  vi.advanceTimersByTime(4_999);
  expect(seen.ended).toBe(0);
  vi.advanceTimersByTime(1);
  expect(seen.ended).toBe(1);
});

it('ends at once when the token has ended', () => {
  expect(watched(-1).seen.ended).toBe(1);
});

it('waits for longer than a timer can', () => {
  const { seen } = watched(365 * dayMs);
  vi.advanceTimersByTime(364 * dayMs);
  expect(seen.ended).toBe(0);
  vi.advanceTimersByTime(dayMs);
  expect(seen.ended).toBe(1);
});

it('is called off', () => {
  const { seen, callOff } = watched(5_000);
  callOff();
  vi.advanceTimersByTime(10_000);
  expect(seen.ended).toBe(0);
});

it('never ends what has no end', () => {
  const callOff = whenTokenEnds({}, clock, () => expect.unreachable());
  vi.advanceTimersByTime(dayMs);
  callOff();
});
