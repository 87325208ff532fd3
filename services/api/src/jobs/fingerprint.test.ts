import { assert, jsonValue, property } from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprintOf, storedIdempotencyKey } from './fingerprint.ts';

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)]),
  );
};

it('is the same for the same value, whatever the order of its members', () => {
  assert(
    property(jsonValue(), (value) => {
      expect(fingerprintOf(reversed(value))).toBe(fingerprintOf(value));
    }),
  );
});

it('differs when anything differs', () => {
  const values = [
    {},
    [],
    { a: 1 },
    { a: '1' },
    { a: [1, 2] },
    { a: [2, 1] },
    { b: 1 },
    { a: { b: 1 } },
    null,
    0,
    '',
  ];
  expect(new Set(values.map(fingerprintOf)).size).toBe(values.length);
});

it('stores a key in one length and without a colon', () => {
  for (const key of ['', 'a:b', 'x'.repeat(255)]) expect(storedIdempotencyKey(key)).toMatch(/^[\w-]{43}$/);
});
