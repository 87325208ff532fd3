import { expect, test } from 'vitest';
import type { ScalerStatement } from '../api/schemas.ts';
import type { Sample } from './samples.ts';
import { directionOf, scalerChanges } from './scaler-changes.ts';
import { reasonInWords, restrictionInWords } from './scaler-words.ts';

const scale = (replicas: number, reason: string, restricted?: string): ScalerStatement => ({
  decision: 'scale',
  reason,
  replicas,
  restricted,
});

const samplesOf = (...statements: (ScalerStatement | undefined)[]): Sample[] =>
  statements.map((scaler, index) => ({
    atMs: index,
    waiting: 0,
    processing: 0,
    busy: 0,
    idle: 0,
    draining: 0,
    replicas: scaler?.replicas,
    scaler,
  }));

test('what the scaler repeats is told once, the newest first, with where it goes', () => {
  const hold: ScalerStatement = { decision: 'hold', reason: 'queue-unknown: it answered 503' };
  const changes = scalerChanges(
    samplesOf(
      scale(1, 'steady'),
      scale(1, 'steady'),
      scale(3, 'backlog'),
      undefined,
      hold,
      scale(3, 'steady'),
      scale(2, 'less-work'),
    ),
  );
  expect(changes.map((change) => `${change.atMs} ${directionOf(change)} ${change.before ?? '?'}`)).toEqual([
    '6 down 3',
    '5 stay 3',
    '4 hold 3',
    '2 up 1',
    '0 stay ?',
  ]);
});

test('its words become sentences, and those that are not known stay', () => {
  expect(reasonInWords(scale(1, 'backlog'))).toBe('many jobs wait');
  expect(reasonInWords({ decision: 'hold', reason: 'queue-unknown: answered 503' })).toBe(
    'the queue cannot be read (answered 503)',
  );
  expect(reasonInWords(scale(1, 'moonlight'))).toBe('moonlight');
  expect(restrictionInWords(scale(1, 'backlog', 'capacity'))).toBe('no room on the nodes');
  expect(restrictionInWords(scale(1, 'backlog'))).toBeUndefined();
});
