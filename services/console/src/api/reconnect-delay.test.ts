import { expect, test } from 'vitest';
import { reconnectDelayMs } from './reconnect-delay.ts';

test('the pause before the next try doubles up to 15 s, half of it by chance', () => {
  const longest = [1, 2, 3, 4, 5, 6, 20].map((failures) => reconnectDelayMs(failures, () => 1));
  expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  expect(reconnectDelayMs(1, () => 0)).toBe(250);
});
