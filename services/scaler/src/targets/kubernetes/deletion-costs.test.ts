import { expect, it } from 'vitest';
import { makePod } from '../../testing/make-pods.ts';
import { changedCosts, costAnnotation, withCosts } from './deletion-costs.ts';

const pod = (name: string, cost?: string) =>
  makePod(name, cost === undefined ? {} : { metadata: { annotations: { [costAnnotation]: cost } } });

const busy = (id: string, runningSeconds: number) => ({ id, runningSeconds });

it('makes victims the cheapest, and the busy the dearer the longer they work', () => {
  const pods = [pod('a'), pod('b'), pod('c'), pod('d')];
  const marking = { victims: ['a'], busy: [busy('b', 59.9), busy('c', 1e9)] };
  expect(changedCosts(pods, marking)).toEqual([
    { pod: 'a', cost: '-1000' },
    { pod: 'b', cost: '60' },
    { pod: 'c', cost: '1000000' },
  ]);
});

it('takes the mark off those that are no victims any more', () => {
  const pods = [pod('a', '-1000'), pod('b', '-1000'), pod('c', '70')];
  expect(changedCosts(pods, { victims: [], busy: [busy('b', 0)] })).toEqual([
    { pod: 'a', cost: '0' },
    { pod: 'b', cost: '1' },
    { pod: 'c', cost: '0' },
  ]);
});

it.each([
  ['0', 0],
  ['no number', 0],
  ['100', 0],
  ['60', 1],
])('writes a mark of %s only where it changes by enough', (cost, changes) => {
  const marking = { victims: [], busy: cost === '100' || cost === '60' ? [busy('a', 149)] : [] };
  expect(changedCosts([pod('a', cost)], marking)).toHaveLength(changes);
});

it('knows the marks it has made', () => {
  const marking = { victims: ['a'], busy: [] };
  const pods = [pod('a'), pod('b')];
  expect(changedCosts(withCosts(pods, changedCosts(pods, marking)), marking)).toEqual([]);
});
