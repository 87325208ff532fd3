import { expect, test } from 'vitest';
import { isJsonMediaType, isTextMediaType, outputBytes } from './output-bytes.ts';

test.each([
  ['<svg/>', 'image/svg+xml', '<svg/>'],
  ['120', 'text/plain', '120'],
  [120, 'text/plain', '120'],
  ['120', 'application/json', '"120"'],
  ['120', 'Application/Problem+JSON; charset=utf-8', '"120"'],
  [{ a: 1 }, 'application/json', '{"a":1}'],
  [undefined, 'application/json', 'null'],
])('%j as %s is %s', (output, mediaType, bytes) => {
  expect(outputBytes(output, mediaType).toString()).toBe(bytes);
});

test('tells JSON and text from the rest', () => {
  expect(isJsonMediaType('application/json5')).toBe(false);
  expect(isJsonMediaType('text/json')).toBe(false);
  expect(isTextMediaType('TEXT/csv')).toBe(true);
  expect(isTextMediaType('application/json')).toBe(false);
});
