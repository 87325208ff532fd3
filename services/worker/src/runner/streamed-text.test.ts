import { expect, it } from 'vitest';
import { createStreamedText } from './streamed-text.ts';

it('is the pieces in their order, however many and small they are', () => {
  const streamed = createStreamedText();
  const pieces = Array.from({ length: 5_000 }, (_, index) => String(index % 10));
  for (const piece of pieces) streamed.add(piece);
  expect([streamed.length(), streamed.text()]).toEqual([5_000, pieces.join('')]);
});

it('takes no memory for a million empty pieces, and knows that there were some', () => {
  const streamed = createStreamedText();
  expect(streamed.isUntouched()).toBe(true);
  const before = process.memoryUsage().heapUsed;
  for (let piece = 0; piece < 1_000_000; piece += 1) streamed.add('');
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(4 * 1024 * 1024);
  expect([streamed.isUntouched(), streamed.length(), streamed.text()]).toEqual([false, 0, '']);
});
