import { expect, it } from 'vitest';
import { meaningOf } from './answer.ts';

it.each([
  [200, undefined, { kind: 'ok' }],
  [202, '1', { kind: 'ok' }],
  [429, '7', { kind: 'later', seconds: 7 }],
  [503, '0', { kind: 'later', seconds: 0 }],
  [503, undefined, { kind: 'later', seconds: 1 }],
  [503, 'Wed, 21 Oct 2026 07:28:00 GMT', { kind: 'later', seconds: 1 }],
  [503, '86400', { kind: 'later', seconds: 60 }],
  [409, '1', { kind: 'later', seconds: 1 }],
  [409, undefined, { kind: 'refused' }],
  [401, undefined, { kind: 'refused' }],
  [404, undefined, { kind: 'refused' }],
  [0, undefined, { kind: 'broken', seconds: 1 }],
  [500, undefined, { kind: 'broken', seconds: 1 }],
  [502, undefined, { kind: 'broken', seconds: 1 }],
])('reads what %s means when Retry-After is %s', (status, retryAfter, meaning) => {
  expect(meaningOf(status, retryAfter)).toEqual(meaning);
});
