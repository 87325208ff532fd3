import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRefusals } from './publish-channel.ts';

const nack = new Error('message nacked');

/** A queue of which the broker tells whether messages wait in it, when the test lets it. */
const createScene = () => {
  const told = Promise.withResolvers<boolean>();
  const refusals = createRefusals(async () => told.promise);
  const tell = async (hasMessages: boolean): Promise<boolean> => {
    told.resolve(hasMessages);
    // Whoever waits for it goes on first.
    await nextTurn();
    return refusals.has('queue');
  };
  return { refusals, tell };
};

test('a queue refuses when it holds messages and takes no more', async () => {
  const { refusals, tell } = createScene();
  refusals.note('queue', nack);
  expect(await tell(true)).toBe(true);
  refusals.note('queue', null);
  expect(refusals.has('queue')).toBe(false);
});

test('a queue that refuses a message while none waits in it is not full: it may be losing its leader', async () => {
  const { refusals, tell } = createScene();
  refusals.note('queue', nack);
  expect(await tell(false)).toBe(false);
});

test('a queue that has taken a message since is not full', async () => {
  const { refusals, tell } = createScene();
  refusals.note('queue', nack);
  await delay(2);
  refusals.note('queue', null);
  expect(await tell(true)).toBe(false);
});
