import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Autoscaler } from './models/autoscaler.ts';
import { kedaModels } from './models/keda.ts';
import { createOurs, ours, oursEager } from './models/ours.ts';
import { scenarios, type Scenario } from './scenarios.ts';
import { simulate, type Outcome } from './simulate.ts';
import { bursts, evenly, minuteMs, poisson, square } from './workloads.ts';

/** Lets workers go at the first occasion, and hears of them late: what can go wrong between a choice and a stop goes wrong here. */
const hasty = createOurs({
  name: 'this scaler in haste',
  about: '',
  settings: { targetWaitSeconds: 5, downWindowSeconds: 5 },
  lateBeats: 0.4,
});

/** Not those of the benchmark. */
const seeds = [1, 2];

const play = async (scenario: Scenario, autoscaler: Autoscaler): Promise<Outcome[]> =>
  Promise.all(seeds.map(async (seed) => simulate({ scenario, autoscaler, seed })));

const most = (outcomes: readonly Outcome[], of: (outcome: Outcome) => number): number =>
  Math.max(...outcomes.map(of));

const named = <Named extends { name: string }>(all: readonly Named[], name: string): Named => {
  const found = all.find((each) => each.name === name);
  if (!found) throw new Error(`nothing is named ${name}`);
  return found;
};

/** What no world may make it do. */
const expectHarmless = (outcome: Outcome, { maxWorkers }: Scenario): void => {
  expect(outcome.jobs).toBeGreaterThan(0);
  expect(outcome).toMatchObject({ done: outcome.jobs, busyPicked: 0, killed: 0, belowInflight: 0 });
  expect(outcome.mostReplicas).toBeLessThanOrEqual(maxWorkers);
};

describe.each([ours, oursEager, hasty])('$name', (autoscaler) => {
  it.each(scenarios)(
    'does every job, stops no busy worker and keeps its limits in "$name"',
    async (scenario) => {
      for (const outcome of await play(scenario, autoscaler)) expectHarmless(outcome, scenario);
    },
  );
});

/** Somewhat above what these seeds gave (15 % for the pods' time, 25 % for the wait, 30 % for the starts): a fence against a setback, not a claim. */
const fences = [
  { name: 'bursts', podMinutes: 220, p95WaitSeconds: 191, started: 48 },
  { name: 'Poisson', podMinutes: 390, p95WaitSeconds: 29, started: 82 },
  { name: 'square wave', podMinutes: 337, p95WaitSeconds: 81, started: 69 },
  { name: 'heavy tail', podMinutes: 384, p95WaitSeconds: 52, started: 82 },
  { name: 'ramp', podMinutes: 402, p95WaitSeconds: 39, started: 75 },
  { name: 'wake from 0', podMinutes: 100, p95WaitSeconds: 75, started: 49 },
  { name: 'short jobs', podMinutes: 187, p95WaitSeconds: 21, started: 6 },
  { name: 'tiny jobs', podMinutes: 106, p95WaitSeconds: 24, started: 14 },
  { name: 'full machines', podMinutes: 198, p95WaitSeconds: 365, started: 69 },
  { name: 'slow start', podMinutes: 626, p95WaitSeconds: 87, started: 40 },
];

it.each(fences)('takes no more workers, starts and time than it did in "$name"', async (fence) => {
  const outcomes = await play(named(scenarios, fence.name), ours);
  expect(most(outcomes, ({ podMinutes }) => podMinutes)).toBeLessThan(fence.podMinutes);
  expect(most(outcomes, ({ p95WaitSeconds }) => p95WaitSeconds)).toBeLessThan(fence.p95WaitSeconds);
  expect(most(outcomes, ({ started }) => started)).toBeLessThan(fence.started);
});

it('has a fence for every scenario', () => {
  expect(fences.map(({ name }) => name)).toEqual(scenarios.map(({ name }) => name));
});

it('leaves no heap of pods that find no machine', async () => {
  const scenario = named(scenarios, 'full machines');
  const outcomes = await play(scenario, ours);
  const rivals = await play(scenario, named(kedaModels, 'KEDA, tuned 60 s'));
  expect(most(outcomes, ({ pendingMinutes }) => pendingMinutes)).toBeLessThan(10);
  expect(most(rivals, ({ pendingMinutes }) => pendingMinutes)).toBeGreaterThan(50);
});

const anyScenario: fc.Arbitrary<Scenario> = fc
  .record({
    minWorkers: fc.nat(2),
    more: fc.nat(8),
    room: fc.integer({ min: 1, max: 6 }),
    machines: fc.integer({ min: 1, max: 3 }),
    startMs: fc.integer({ min: 100, max: 40_000 }),
    longest: fc.integer({ min: 1, max: 120 }),
    high: fc.integer({ min: 1, max: 30 }),
    comesInBursts: fc.boolean(),
  })
  .map(({ minWorkers, more, room, machines, startMs, longest, high, comesInBursts }) => {
    const seconds = evenly(0.05, longest);
    // Keeps three workers busy at the most: a single one gets through it in time, too.
    const rate = high / 5 / longest;
    return {
      name: 'any',
      about: '',
      jobs: comesInBursts
        ? bursts({ count: 3, everyMinutes: 6, jobs: high, seconds })
        : poisson({ minutes: 20, rate: square(rate, rate / 10, 3), mostPerSecond: rate, seconds }),
      lastsMs: 30 * minuteMs,
      minWorkers,
      maxWorkers: Math.max(1, minWorkers + more),
      nodes: Array.from({ length: machines }, () => room),
      startUp: { podMs: [100, startMs], processMs: [100, startMs] },
    };
  });

it('does every job and stops no busy worker, whatever the world is like', async () => {
  await fc.assert(
    fc.asyncProperty(anyScenario, fc.nat(1_000_000), async (scenario, seed) => {
      const outcome = await simulate({ scenario, autoscaler: hasty, seed });
      fc.pre(outcome.jobs > 0);
      expectHarmless(outcome, scenario);
    }),
    { numRuns: 60 },
  );
});

it.each([1, 2, 3, 4, 5])(
  'stops no busy victim where workers that begin a run are not ready for a while (%i)',
  async (seed) => {
    const scenario = { ...named(scenarios, 'Poisson'), lapses: { share: 0.5, ms: [2_000, 6_000] } } as const;
    const outcome = await simulate({ scenario, autoscaler: hasty, seed });
    expect(outcome).toMatchObject({ done: outcome.jobs, busyVictims: 0 });
    // One that ceases to be ready between the last look and the change of the number cannot be seen.
    expect(outcome.busyPicked).toBeLessThan(2);
  },
);

it.each([ours, ...kedaModels])('plays the same again with $name and the same seed', async (autoscaler) => {
  const scenario = named(scenarios, 'Poisson');
  const once = await simulate({ scenario, autoscaler, seed: 3 });
  expect(await simulate({ scenario, autoscaler, seed: 3 })).toEqual(once);
  expect(await simulate({ scenario, autoscaler, seed: 4 })).not.toEqual({ ...once, seed: 4 });
});

// Were the world unable to tell these, the zeros above would say nothing.
describe('the world notices', () => {
  const heavyTail = async (autoscaler: string): Promise<Outcome> =>
    simulate({
      scenario: named(scenarios, 'heavy tail'),
      autoscaler: named(kedaModels, autoscaler),
      seed: 1,
    });

  it('when a busy worker is stopped, and that its run is lost where the grace is short', async () => {
    const outcome = await heavyTail('KEDA, amqp');
    expect(outcome.busyPicked).toBeGreaterThan(0);
    expect(outcome.killed).toBeGreaterThan(0);
    expect(outcome.belowInflight).toBeGreaterThan(0);
  });

  it('that a grace longer than any job loses no run', async () => {
    const outcome = await heavyTail('KEDA, tuned 60 s');
    expect(outcome.busyPicked).toBeGreaterThan(0);
    expect(outcome).toMatchObject({ killed: 0, done: outcome.jobs });
  });
});
