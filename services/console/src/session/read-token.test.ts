import { describe, expect, test } from 'vitest';
import { cleanToken, hasScope, readToken } from './read-token.ts';

/** Base64url of UTF-8. */
const encode = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const tokenOf = (claims: object): string =>
  ['{"alg":"HS256"}', JSON.stringify(claims), 'signature'].map(encode).join('.');

describe('a token', () => {
  test('tells whose it is, what it is for and how long it is good', () => {
    const token = tokenOf({ sub: 'Jürgen Größe', scope: 'jobs:read  jobs:write', exp: 1_795_651_200 });
    expect(readToken(token)).toEqual({
      subject: 'Jürgen Größe',
      scopes: ['jobs:read', 'jobs:write'],
      expiresAtMs: 1_795_651_200_000,
    });
  });

  test('may be silent about all of that', () => {
    expect(readToken(tokenOf({}))).toEqual({ subject: '', scopes: [], expiresAtMs: undefined });
  });

  test.each(['', 'hunter2', 'a.b', 'a.!!!.c', 'a.bm8.c'])('is no token when it is %j', (text) => {
    expect(readToken(text)).toBeUndefined();
  });

  test('of an admin has every scope', () => {
    const claims = { subject: '', expiresAtMs: undefined };
    expect(hasScope({ ...claims, scopes: ['admin'] }, 'jobs:write')).toBe(true);
    expect(hasScope({ ...claims, scopes: ['jobs:read'] }, 'jobs:write')).toBe(false);
  });
});

test.each([
  'a.b.c',
  '  a.b.c\n',
  'Bearer a.b.c',
  'Authorization: Bearer a.b.c',
  'export TOKEN=a.b.c',
  "TOKEN='a.b.c'",
  'a.b\n.c',
])('the token in %j is found', (pasted) => {
  expect(cleanToken(pasted)).toBe('a.b.c');
});
