import { array, assert, constantFrom, integer, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineReader } from './line-reader.ts';

const readAll = (bytes: Buffer, chunkBytes: number, maxBytes = 1_000) => {
  const lines: string[] = [];
  let tooLong = 0;
  const read = createLineReader({
    maxBytes,
    onLine: (line) => lines.push(line),
    onTooLong: () => {
      tooLong += 1;
    },
  });
  for (let from = 0; from < bytes.length; from += chunkBytes) read(bytes.subarray(from, from + chunkBytes));
  return { lines, tooLong };
};

describe('createLineReader', () => {
  it('gives the same lines however the stream is cut, in the midst of a character too', () => {
    const line = array(constantFrom('a', 'é', '😀', ' ', '"'), { maxLength: 20 }).map((parts) =>
      parts.join(''),
    );
    assert(
      property(array(line, { maxLength: 10 }), integer({ min: 1, max: 7 }), (lines, chunkBytes) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        expect(readAll(bytes, chunkBytes).lines).toEqual(lines);
      }),
    );
  });

  it('drops a line that is too long, says so once, and goes on with the next', () => {
    const bytes = Buffer.from(`short\n${'x'.repeat(50)}\nnext\n`);
    for (const chunkBytes of [1, 7, 100]) {
      expect(readAll(bytes, chunkBytes, 10)).toEqual({ lines: ['short', 'next'], tooLong: 1 });
    }
  });

  it('keeps an unended line back', () => {
    assert(
      property(string({ minLength: 1, unit: 'grapheme-ascii' }), (text) => {
        expect(readAll(Buffer.from(text.replaceAll('\n', '')), 3).lines).toEqual([]);
      }),
    );
  });
});
