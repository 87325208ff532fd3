import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createPageTokens, pageQuery } from './page-query.ts';

describe('a page token', () => {
  const { toToken, placeOf } = createPageTokens('before');

  it('leads back to the place it was made of', () => {
    for (const place of [0, 7, Number.MAX_SAFE_INTEGER]) expect(placeOf(toToken(place))).toBe(place);
    expect(placeOf(undefined)).toBeUndefined();
  });

  it.each([
    ['of another list', createPageTokens('after').toToken(7)],
    ['empty', ''],
    ['made up', 'nonsense'],
    ['of a negative place', Buffer.from('before:-1').toString('base64url')],
    [
      'of a larger number than there are places',
      Buffer.from(`before:${'9'.repeat(17)}`).toString('base64url'),
    ],
  ])('is refused when it is %s', (_, token) => {
    expect(() => placeOf(token)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });
});

describe('a page size', () => {
  const schema = z.strictObject(pageQuery({ largest: 100, usual: 50 }));

  it.each([
    [undefined, 50],
    ['7', 7],
    ['0', 1],
    ['101', 100],
  ])('that is asked for as %s is %i', (pageSize, expected) => {
    expect(schema.parse({ pageSize }).pageSize).toBe(expected);
  });

  it.each(['-1', '1.5', 'many', '1'.repeat(10)])('is refused when it is %s', (pageSize) => {
    expect(schema.safeParse({ pageSize }).success).toBe(false);
  });
});
