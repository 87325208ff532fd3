import { createFakeClock } from '@factorial/core/testing/fake-clock';
import { expect, it } from 'vitest';
import { createReadBackOff } from './read-back-off.ts';

const waits = (count: number, retryAfterMs?: number) => {
  const clock = createFakeClock();
  const backOff = createReadBackOff(() => clock.now());
  return Array.from({ length: count }, () => {
    backOff.failed({ reason: 'answered 503', ...(retryAfterMs ? { retryAfterMs } : {}) });
    const began = clock.now();
    while (backOff.hold()) clock.advance(1_000);
    return (clock.now() - began) / 1_000;
  });
};

it('waits longer after each failure, up to 30 s', () => {
  expect(waits(6)).toEqual([2, 4, 8, 16, 30, 30]);
});

it('waits as long as the server wants, within a minute', () => {
  expect(waits(1, 7_000)).toEqual([7]);
  expect(waits(1, 3_600_000)).toEqual([60]);
});

it('asks at once again when the server was well since, and says in between what was wrong', () => {
  const backOff = createReadBackOff(() => 0);
  expect(backOff.hold()).toBeUndefined();
  backOff.failed({ reason: 'answered 503' });
  expect(backOff.hold()).toEqual({ ok: false, reason: 'answered 503' });
  backOff.succeeded();
  expect(backOff.hold()).toBeUndefined();
});
