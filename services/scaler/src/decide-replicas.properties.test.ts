import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideReplicas, type DecideInput } from './decide-replicas.ts';
import { initialScalerState } from './decision/scaler-state.ts';
import { unknown } from './readings/reading.ts';
import type { Readings } from './readings/readings.ts';
import { makeReadings, makeSettings, makeWorker, startMs } from './testing/make-readings.ts';

const settings = fc
  .record({
    minWorkers: fc.nat(5),
    extra: fc.nat(20),
    slotsPerWorker: fc.integer({ min: 1, max: 4 }),
    targetWaitSeconds: fc.integer({ min: 1, max: 120 }),
    idleTimeoutSeconds: fc.nat(20),
    assumedServiceSeconds: fc.integer({ min: 1, max: 100 }),
    downWindowSeconds: fc.integer({ min: 5, max: 40 }),
  })
  .map(({ extra, ...rest }) => ({ ...rest, maxWorkers: rest.minWorkers + extra }))
  .filter(({ maxWorkers }) => maxWorkers > 0);

const workers = (busy: fc.Arbitrary<number>) =>
  fc.array(
    fc.record({
      busy,
      state: fc.constantFrom('active', 'active', 'active', 'starting', 'draining'),
      runningMs: fc.nat(60_000),
      coldStartMs: fc.nat(10_000),
      ageMs: fc.nat(600_000),
    }),
    { maxLength: 25 },
  );

const rarely = fc.constantFrom(false, false, false, true);

const wild = fc.record({
  ready: fc.nat(300),
  waiting: fc.nat(300),
  unacknowledged: fc.nat(60),
  oldestWaitMs: fc.nat(90_000),
  serviceMs: fc.nat(60_000),
  workers: workers(fc.nat(3)),
  missing: fc.nat(3),
  unschedulable: fc.nat(3),
  rollout: rarely,
});

/** Hardly any work: what a step down comes from. */
const quiet = fc.record({
  ready: fc.constant(0),
  waiting: fc.constant(0),
  unacknowledged: fc.nat(2),
  oldestWaitMs: fc.constant(0),
  serviceMs: fc.nat(5_000),
  workers: workers(fc.constantFrom(0, 0, 0, 0, 1)),
  missing: fc.nat(1),
  unschedulable: fc.constant(0),
  rollout: rarely,
});

const trouble = fc.option(
  fc.record({
    source: fc.constantFrom('queue', 'pool', 'target'),
    kind: fc.constantFrom('unknown', 'stale'),
  }),
  { nil: undefined, freq: 4 },
);

const moment = fc.record({ trouble, seconds: fc.integer({ min: 1, max: 8 }) });

/** A while in which the world stays as it is. */
const phase = fc
  .tuple(fc.oneof(wild, quiet), fc.array(moment, { minLength: 1, maxLength: 20 }))
  .map(([situation, moments]) => moments.map((each) => ({ situation, ...each })));

const story = fc.array(phase, { minLength: 1, maxLength: 5 }).map((phases) => phases.flat());
type Tick = (typeof story extends fc.Arbitrary<infer Ticks> ? Ticks : never)[number];

const toReadings = ({ situation, trouble }: Tick, now: number): Readings => {
  const { missing, unschedulable, rollout } = situation;
  const workers = situation.workers.map((over, index) => makeWorker(`w${index}`, over));
  const target = {
    replicas: workers.length + missing,
    starting: missing,
    unschedulable: Math.min(unschedulable, missing),
    rollout,
  };
  const readings = makeReadings({ ...situation, workers, target }, now);
  if (!trouble) return readings;
  if (trouble.kind === 'unknown') return { ...readings, [trouble.source]: unknown('answered 500') };
  const stale = makeReadings({ ...situation, workers, target }, now - 10_001);
  return { ...readings, [trouble.source]: stale[trouble.source] };
};

interface Step extends DecideInput {
  trouble: Tick['trouble'];
  /** The same tick without its trouble. */
  calm: Readings;
  current: number;
}

type Decided = ReturnType<typeof decideReplicas>;

/** Looks at one tick; undefined where it has nothing to say about it. */
type Look = (step: Step, decided: Decided) => boolean | undefined;

const toStep = (tick: Tick, input: Omit<DecideInput, 'readings'>): Step => {
  const { trouble, situation } = tick;
  const calm = toReadings({ ...tick, trouble: undefined }, input.now);
  const current = situation.workers.length + situation.missing;
  return { ...input, readings: toReadings(tick, input.now), trouble, calm, current };
};

/** Runs random ticks through the decision, the world doing whatever it likes. @returns how many a look had to do with. */
const everyTick = (look: Look): number => {
  let seen = 0;
  fc.assert(
    fc.property(settings, story, (limits, ticks) => {
      let state = initialScalerState;
      let now = startMs;
      return ticks.every((each) => {
        now += each.seconds * 1_000;
        const step = toStep(each, { state, settings: limits, now });
        const decided = decideReplicas(step);
        ({ state } = decided);
        const holds = look(step, decided);
        seen += holds === undefined ? 0 : 1;
        return holds ?? true;
      });
    }),
    { numRuns: 300 },
  );
  return seen;
};

const idleIn = ({ readings }: Step): string[] => {
  const workers = readings.pool.ok ? readings.pool.value.workers : [];
  return workers.filter(({ busy, state }) => busy === 0 && state !== 'starting').map(({ id }) => id);
};

const shrinks = ({ decision }: Decided, current: number): boolean =>
  decision.kind === 'scale' && decision.replicas < current && decision.reason !== 'capacity';

describe('whatever happens, it', () => {
  it.each<[string, Look]>([
    [
      'holds exactly when the queue or the target is unknown',
      ({ trouble }, { decision }) =>
        (decision.kind === 'hold') === (trouble?.kind === 'unknown' && trouble.source !== 'pool'),
    ],
    [
      'is never under the minimum, but on its way there',
      ({ settings, current }, { decision }) =>
        decision.kind === 'hold' ? undefined : decision.replicas >= Math.min(settings.minWorkers, current),
    ],
    [
      'is never over the maximum, but on its way there',
      ({ settings, current }, { decision }) =>
        decision.kind === 'hold' ? undefined : decision.replicas <= Math.max(settings.maxWorkers, current),
    ],
    ['needs no fewer slots than are in flight', (_step, { plan }) => plan && plan.needSlots >= plan.inflight],
    [
      'lets go exactly as many as it names, half of the idle ones at most, and no other',
      (step, decided) => {
        const { decision } = decided;
        if (decision.kind === 'hold' || !shrinks(decided, step.current)) return undefined;
        const { victims = [] } = decision;
        const idle = idleIn(step);
        return (
          victims.length === step.current - decision.replicas &&
          new Set(victims).size === victims.length &&
          victims.every((id) => idle.includes(id)) &&
          victims.length <= Math.ceil(idle.length / 2)
        );
      },
    ],
    [
      'lets nobody go whom it would have let go, when a reading is unknown or stale',
      (step, decided) => {
        const calmly = decideReplicas({ ...step, readings: step.calm });
        if (!step.trouble || !shrinks(calmly, step.current)) return undefined;
        return !shrinks(decided, step.current);
      },
    ],
    [
      'takes away for want of room only what has none',
      ({ readings }, { decision }) => {
        if (decision.kind === 'hold' || decision.reason !== 'capacity' || !readings.target.ok)
          return undefined;
        const { replicas, unschedulable } = readings.target.value;
        return decision.replicas >= replicas - unschedulable && decision.victims?.length === 0;
      },
    ],
    [
      'grows by no more than four or double',
      ({ current }, { decision }) =>
        decision.kind === 'scale' && decision.replicas > current
          ? decision.replicas <= current + Math.max(4, current)
          : undefined,
    ],
    ['says the same when asked again', (step, decided) => isDeepStrictEqual(decideReplicas(step), decided)],
  ])('%s', (_name, look) => {
    expect(everyTick(look)).toBeGreaterThan(20);
  });
});

it('never needs less when more waits', () => {
  const need = (ready: number): number => {
    const readings = makeReadings({ ready });
    const { plan } = decideReplicas({
      readings,
      state: initialScalerState,
      settings: makeSettings(),
      now: startMs,
    });
    return plan?.needSlots ?? -1;
  };
  fc.assert(fc.property(fc.nat(500), fc.nat(500), (ready, more) => need(ready + more) >= need(ready)));
  expect(need(100)).toBeGreaterThan(need(0));
});
