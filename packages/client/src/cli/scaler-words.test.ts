import { expect, it } from 'vitest';
import type {
  HoldReason,
  Restriction,
  ScaleReason,
} from '../../../../services/scaler/src/decision/decision.ts';
import { reasonInWords, scalerInWords } from './scaler-words.ts';

it.each([
  [{ decision: 'scale', reason: 'steady', replicas: 1 }, '1 worker: the number fits the work'],
  [
    { decision: 'scale', reason: 'backlog', replicas: 2, restricted: 'maximum' },
    '2 workers: many jobs wait; held back: the most workers allowed',
  ],
  [
    { decision: 'hold', reason: 'queue-unknown: answered 503' },
    'holds: the queue cannot be read (answered 503)',
  ],
  [
    { decision: 'scale', reason: 'moonlight', replicas: 3, restricted: 'sleep' },
    '3 workers: moonlight; held back: sleep',
  ],
] as const)('%j is %s', (statement, words) => {
  expect(scalerInWords(statement)).toBe(words);
});

/** The compiler says where one is missing. */
const reasons: Record<ScaleReason | HoldReason, true> = {
  'arrival-rate': true,
  backlog: true,
  capacity: true,
  'less-work': true,
  maximum: true,
  minimum: true,
  'oldest-wait': true,
  paused: true,
  'pool-paused': true,
  'queue-unknown': true,
  steady: true,
  'target-unknown': true,
};
const restrictions: Record<Restriction, true> = {
  capacity: true,
  'idle-share': true,
  lingering: true,
  maximum: true,
  'no-idle-worker': true,
  'pool-paused': true,
  'pool-unknown': true,
  rollout: true,
  'stale-reading': true,
  'step-spacing': true,
  'up-rate': true,
  window: true,
};

it.each(Object.keys(reasons))('has words for the reason %s', (reason) => {
  expect(reasonInWords({ reason })).not.toBe(reason);
});

it.each(Object.keys(restrictions))('has words for the restriction %s', (restricted) => {
  const words = scalerInWords({ decision: 'scale', reason: 'steady', restricted });
  expect(words).not.toMatch(new RegExp(`: ${restricted}$`));
});
