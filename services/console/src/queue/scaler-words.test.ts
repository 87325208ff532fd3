import { expect, test } from 'vitest';
import type { ScalerStatement } from '../api/schemas.ts';
import { reasonInWords, restrictionInWords } from './scaler-words.ts';

const statement: ScalerStatement = { decision: 'scale', reason: 'backlog', replicas: 2 };

test.each([
  ['backlog', 'many jobs wait'],
  ['queue-unknown: no answer', 'the queue cannot be read (no answer)'],
  ['moon-phase', 'moon-phase'],
])('the reason %j is told as %j', (reason, words) => {
  expect(reasonInWords({ ...statement, reason })).toBe(words);
});

test.each([
  [undefined, undefined],
  ['maximum', 'the most workers allowed (2)'],
  ['capacity', 'no room on the nodes'],
  ['moon-phase', 'moon-phase'],
])('the restriction %j is told as %j', (restricted, words) => {
  expect(restrictionInWords({ ...statement, restricted })).toBe(words);
});

test('the most workers allowed are not guessed where the scaler names no number', () => {
  const silent = { ...statement, restricted: 'maximum', replicas: undefined };
  expect(restrictionInWords(silent)).toBe('the most workers allowed');
});
