import { expect, it } from 'vitest';
import { createRandom } from '../../../bench/scaler-simulator/random.ts';
import { clusterFaultKinds, clusterFaultRules, clusterPartNames } from '../cluster/cluster-fault.ts';
import { planJobs } from '../load/plan-jobs.ts';
import { faultRules, linkFaultKinds, partFaultKinds, partNames } from './fault.ts';
import { makeSchedule } from './make-schedule.ts';

const schedule = (seed: number, count = 2_000) =>
  makeSchedule({ count, withinMs: 600_000, rules: faultRules }, createRandom(seed));

it('makes the same faults of the same seed, and others of another', () => {
  expect(schedule(7)).toEqual(schedule(7));
  expect(schedule(7)).not.toEqual(schedule(8));
});

it('plans the same jobs of the same seed', () => {
  expect(planJobs(500, 3, createRandom(3))).toEqual(planJobs(500, 3, createRandom(3)));
});

it('comes to every kind of fault and every part in a long run', () => {
  const faults = schedule(1);
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set([...partFaultKinds, ...linkFaultKinds]));
  const targets = new Set<string>(faults.map(({ target }) => target));
  expect(partNames.filter((name) => !targets.has(name))).toEqual([]);
});

it('comes to every kind of fault and every part of a cluster in a long run', () => {
  const size = { count: 2_000, withinMs: 600_000, rules: clusterFaultRules };
  const faults = makeSchedule(size, createRandom(1));
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(clusterFaultKinds));
  expect(new Set(faults.map(({ target }) => target))).toEqual(new Set(clusterPartNames));
});

it('keeps to the time it is given, in order', () => {
  const times = schedule(5, 100).map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.at(-1)).toBeLessThanOrEqual(600_000);
  expect(times[0]).toBeLessThanOrEqual(6_000);
});
