import { expect, test } from 'vitest';
import { reasonWords, redriveWords } from './letter-words.ts';

test('a reason is a sentence, and one that is not known stays as it is', () => {
  expect(reasonWords('delivery_limit')).toBe('Delivered and given back too often');
  expect(reasonWords('moonlight')).toBe('moonlight');
});

test('what became of a redrive is told, with why some stayed', () => {
  expect(redriveWords(1, [])).toBe('1 sent back to its queue.');
  expect(redriveWords(3, [{ why: 'cut' }, { why: 'cut' }, { why: 'held' }])).toBe(
    '3 sent back to their queues; 3 stayed: 2 not kept whole, 1 being sent by somebody else.',
  );
});
