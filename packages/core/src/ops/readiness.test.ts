import { expect, it } from 'vitest';
import { failingChecks, onceWell } from './readiness.ts';

it('fails until it has been well, and is well for good from then on', async () => {
  let isReachable = false;
  const checks = { redis: onceWell(async () => Promise.resolve(isReachable)) };
  expect(await failingChecks(checks)).toEqual(['redis']);
  isReachable = true;
  expect(await failingChecks(checks)).toEqual([]);
  isReachable = false;
  expect(await failingChecks(checks)).toEqual([]);
});
