import { describe, expect, it } from 'vitest';
import { busyWorkers, makeReadings, type Situation } from '../testing/make-readings.ts';
import { combineLoad, type Load, type LoadSources } from './combine-load.ts';

const poolOf = (situation: Situation) => {
  const { pool } = makeReadings(situation);
  return pool.ok ? pool.value : undefined;
};

describe('with both sources', () => {
  it.each<[string, LoadSources, Load]>([
    [
      'what waits in the queue',
      { queue: { ready: 5, unacknowledged: 2 }, pool: poolOf({ waiting: 1, processing: 2 }), slots: 9 },
      { ready: 5, inflight: 2 },
    ],
    [
      'what a worker holds and does not work on',
      { queue: { ready: 5, unacknowledged: 12 }, pool: poolOf({ waiting: 1, processing: 2 }), slots: 9 },
      { ready: 15, inflight: 2 },
    ],
    [
      'what Redis knows and the queue does not',
      { queue: { ready: 0, unacknowledged: 0 }, pool: poolOf({ waiting: 9, processing: 0 }), slots: 9 },
      { ready: 9, inflight: 0 },
    ],
    [
      'more runs than messages held',
      { queue: { ready: 5, unacknowledged: 1 }, pool: poolOf({ waiting: 0, processing: 4 }), slots: 9 },
      { ready: 5, inflight: 4 },
    ],
    [
      'a busy worker that the records do not show',
      {
        queue: { ready: 0, unacknowledged: 0 },
        pool: poolOf({ processing: 1, workers: busyWorkers(3) }),
        slots: 9,
      },
      { ready: 0, inflight: 3 },
    ],
  ])('counts %s', (_name, sources, load) => {
    expect(combineLoad(sources)).toEqual(load);
  });
});

describe('with the queue alone', () => {
  const pool = undefined;

  it.each<[string, LoadSources, Load]>([
    [
      'all that is held as running',
      { queue: { ready: 4, unacknowledged: 2 }, slots: 3, pool },
      { ready: 4, inflight: 2 },
    ],
    [
      'no more as running than there are slots',
      { queue: { ready: 4, unacknowledged: 64 }, slots: 3, pool },
      { ready: 65, inflight: 3 },
    ],
    [
      'nothing as running where nobody works',
      { queue: { ready: 4, unacknowledged: 1 }, slots: 0, pool },
      { ready: 5, inflight: 0 },
    ],
  ])('takes %s', (_name, sources, load) => {
    expect(combineLoad(sources)).toEqual(load);
  });
});
