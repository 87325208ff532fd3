import { describe, expect, it } from 'vitest';
import { queuedEtaSeconds, retryAfterSecondsFor, runningEtaSeconds } from './eta.ts';

describe('queuedEtaSeconds', () => {
  it.each([
    { when: 'a slot is free', ahead: 0, load: { slots: 2, busy: 1, serviceMs: 4_000 }, seconds: 4 },
    { when: 'all are busy', ahead: 0, load: { slots: 2, busy: 2, serviceMs: 4_000 }, seconds: 6 },
    { when: 'there is a line', ahead: 3, load: { slots: 2, busy: 2, serviceMs: 4_000 }, seconds: 12 },
    { when: 'one slot works it off', ahead: 2, load: { slots: 1, busy: 1, serviceMs: 1_000 }, seconds: 4 },
    {
      when: 'workers hold more than their slots',
      ahead: 0,
      load: { slots: 1, busy: 2, serviceMs: 1_000 },
      seconds: 2,
    },
  ])('estimates when $when', ({ ahead, load, seconds }) => {
    expect(queuedEtaSeconds(ahead, { ...load, paused: false })).toBe(seconds);
  });

  it('knows nothing when nobody works, no job was done yet, or the pool is paused', () => {
    const load = { slots: 1, busy: 0, serviceMs: 1_000, paused: false };
    expect(queuedEtaSeconds(0, load)).toBe(1);
    expect(queuedEtaSeconds(0, { ...load, slots: 0 })).toBeUndefined();
    expect(queuedEtaSeconds(0, { ...load, serviceMs: undefined })).toBeUndefined();
    expect(queuedEtaSeconds(0, { ...load, paused: true })).toBeUndefined();
  });
});

it('estimates a running job by what is left, never below nothing', () => {
  expect(runningEtaSeconds(1_000, 4_000)).toBe(3);
  expect(runningEtaSeconds(9_000, 4_000)).toBe(0);
  expect(runningEtaSeconds(1_000, undefined)).toBeUndefined();
});

it('asks to come back in whole seconds from one to a minute', () => {
  expect([undefined, 0, 0.2, 7.1, 4_000].map(retryAfterSecondsFor)).toEqual([2, 1, 1, 8, 60]);
});
