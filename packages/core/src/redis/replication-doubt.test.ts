import { expect, test } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createReplicationDoubt } from './replication-doubt.ts';

const create = () => {
  const clock = createFakeClock();
  return { clock, doubt: createReplicationDoubt(clock, 500) };
};

test('admits everything until a group was not confirmed, and again once one was', () => {
  const { doubt } = create();
  expect([doubt.admits(), doubt.admits()]).toEqual([true, true]);
  doubt.note(false);
  expect([doubt.admits(), doubt.admits()]).toEqual([false, false]);
  doubt.note(true);
  expect([doubt.admits(), doubt.admits()]).toEqual([true, true]);
});

test('lets one through after a second to find out, and no other while that is under way', () => {
  const { clock, doubt } = create();
  doubt.note(false);
  clock.advance(999);
  expect(doubt.admits()).toBe(false);
  clock.advance(1);
  expect([doubt.admits(), doubt.admits()]).toEqual([true, false]);
  clock.advance(499);
  expect(doubt.admits()).toBe(false);
  doubt.note(false);
  clock.advance(1_000);
  expect(doubt.admits()).toBe(true);
});

test('lets another through when nothing was heard of the one before', () => {
  const { clock, doubt } = create();
  doubt.note(false);
  clock.advance(1_000);
  expect(doubt.admits()).toBe(true);
  clock.advance(1_500);
  expect([doubt.admits(), doubt.admits()]).toEqual([true, false]);
});
