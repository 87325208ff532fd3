import { expect, test } from 'vitest';
import type { Sample } from './samples.ts';
import { highestOf, inDrawingOrder, jobSeries, pointsOf, summaryOf, workerSeries } from './series.ts';

const base = Date.parse('2026-11-25T10:00:00');
const sample = (fields: Partial<Sample>): Sample => ({
  atMs: base,
  waiting: 0,
  processing: 0,
  busy: 0,
  idle: 0,
  draining: 0,
  replicas: undefined,
  scaler: undefined,
  ...fields,
});

test('a plot says in words what is now and what was most', () => {
  const samples = [
    sample({ waiting: 40, processing: 2 }),
    sample({ atMs: base + 60_000, waiting: 1_200, processing: 2 }),
    sample({ atMs: base + 120_000, waiting: 3, processing: 4 }),
  ];
  expect(summaryOf(jobSeries, samples)).toBe(
    'Waiting: 3 now, 1,200 at the most, at 10:01:00. Running: 4 now, never more.',
  );
  expect(summaryOf(jobSeries, [])).toBe('Nothing is known yet.');
});

test('workers are stacked upon each other, and the number wanted stands by itself', () => {
  const samples = [sample({ busy: 2, idle: 3, draining: 1, replicas: 5 })];
  const edges = workerSeries.map((one) => pointsOf(one, samples)[0]?.value);
  expect(edges).toEqual([2, 5, 6, 5]);
  expect(highestOf(workerSeries, samples)).toBe(6);
  expect(inDrawingOrder(workerSeries).map(({ key }) => key)).toEqual([
    'draining',
    'idle',
    'busy',
    'replicas',
  ]);
  expect(highestOf(workerSeries, [])).toBe(0);
});
