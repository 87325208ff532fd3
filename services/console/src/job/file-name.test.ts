import { expect, test } from 'vitest';
import { fileNameFor, isReadable } from './file-name.ts';

test.each([
  ['text/plain; charset=utf-8', 'factorial-3f2a9c1d.txt', true],
  ['application/json', 'factorial-3f2a9c1d.json', true],
  ['image/svg+xml', 'factorial-3f2a9c1d.svg', true],
  ['image/png', 'factorial-3f2a9c1d.png', false],
  ['application/x-of-somebody', 'factorial-3f2a9c1d.bin', false],
])('an output of %s is saved as %s', (mediaType, name, readable) => {
  expect(fileNameFor('factorial', '3f2a9c1d-8b1e', mediaType)).toBe(name);
  expect(isReadable(mediaType)).toBe(readable);
});
