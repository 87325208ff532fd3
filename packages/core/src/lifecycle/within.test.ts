import { expect, test } from 'vitest';
import { within } from './within.ts';

test('gives what the work gives when it is in time', async () => {
  expect(await within(Promise.resolve(7), 1_000, 'work')).toBe(7);
  await expect(within(Promise.reject(new Error('broken')), 1_000, 'work')).rejects.toThrow('broken');
});

test('says what took too long when the work never ends', async () => {
  await expect(within(new Promise(() => undefined), 5, 'the work')).rejects.toThrow(
    'the work took longer than 5 ms',
  );
});
