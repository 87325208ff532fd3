import { expect, test } from 'vitest';
import { waitUntil } from './wait-until.ts';

test('gives the value when the condition gives one at last', async () => {
  let calls = 0;
  const value = await waitUntil(() => (calls += 1) === 3 && 'there', { what: 'the third call' });
  expect([value, calls]).toEqual(['there', 3]);
});

test('takes 0 and the empty text for values', async () => {
  expect(await waitUntil(() => 0, { what: 'a number' })).toBe(0);
  expect(await waitUntil(async () => Promise.resolve(''), { what: 'a text' })).toBe('');
});

test('says what it waited for, and why not, when time is up', async () => {
  const failing = () => {
    throw new Error('not yet');
  };
  const failure = waitUntil(failing, { what: 'the impossible', timeoutMs: 30 });
  await expect(failure).rejects.toMatchObject({
    message: 'not so within 30 ms: the impossible',
    cause: new Error('not yet'),
  });
});
