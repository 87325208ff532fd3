/** Tells whether two bodies say the same, however they are written. */
import { createHash } from 'node:crypto';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
};

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Digest of a JSON value with its members in order. */
export const fingerprintOf = (value: unknown): string => digest(JSON.stringify(sorted(value)));

/**
 * An idempotency key as it is stored: of one length, and free of the colon that parts owner and key in Redis, so that
 * owner `a` with key `b:c` and owner `a:b` with key `c` are two.
 */
export const storedIdempotencyKey = (key: string): string => digest(key);
