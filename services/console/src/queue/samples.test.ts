import { expect, test } from 'vitest';
import { fromHistory, fromPool, mergeSamples, type Sample, thin } from './samples.ts';

const sample = (atMs: number): Sample => ({
  atMs,
  waiting: 0,
  processing: 0,
  busy: 0,
  idle: 0,
  draining: 0,
  replicas: undefined,
  scaler: undefined,
});
const times = (samples: readonly Sample[]): number[] => samples.map(({ atMs }) => atMs);

test('what is kept and what was seen become one line, without those before the window', () => {
  const kept = [0, 10, 20, 30].map(sample);
  const seen = [25, 27, 29, 31].map(sample);
  expect(times(mergeSamples(kept, seen, 10))).toEqual([10, 20, 25, 27, 29, 31]);
  expect(times(mergeSamples(kept, [], 15))).toEqual([20, 30]);
});

test('many samples are thinned to a few, with the first and the newest', () => {
  const samples = Array.from({ length: 1_000 }, (_, index) => sample(index));
  expect(times(thin(samples, 5))).toEqual([0, 250, 500, 749, 999]);
  expect(thin(samples.slice(0, 3), 5)).toHaveLength(3);
});

test('what the scaler says comes with the number of workers that it wants', () => {
  const scaler = { decision: 'scale', reason: 'backlog' } as const;
  const counts = { waiting: 1, processing: 2, busy: 2, idle: 0, draining: 0 };
  const at = '2026-11-25T10:00:00.000Z';
  expect(fromHistory({ stepSeconds: 5, samples: [{ ...counts, at, replicas: 4, scaler }] })[0]).toEqual({
    ...counts,
    atMs: Date.parse(at),
    replicas: 4,
    scaler: { ...scaler, replicas: 4 },
  });
});

test('a pool as it is now is a sample of now', () => {
  const pool = {
    pool: 'factorial',
    ready: 5,
    inFlight: 2,
    oldestWaitSeconds: 3,
    paused: false,
    workers: { busy: 2, idle: 1, draining: 0 },
  };
  expect(fromPool(pool, 7)).toEqual({ ...sample(7), waiting: 5, processing: 2, busy: 2, idle: 1 });
});
