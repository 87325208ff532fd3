/** The model over small bounds, and each unsafe variant of it. `make verify` goes further. */
import { describe, expect, test } from 'vitest';
import { boundedWorlds } from './bounded-worlds.ts';
import { checkVariant } from './check-variant.ts';
import { explore, generalInvariants } from './explore.ts';
import { unharmed } from './invariants.ts';
import { safeRules } from './rules.ts';
import { oneJob, variants } from './variants.ts';

const mostStates = 200_000;
const timeoutMs = 60_000;

describe('the model of a job’s life', () => {
  test.each(boundedWorlds.filter(({ isBrief }) => isBrief))(
    'breaks no invariant in any state of "$name"',
    ({ bounds, judge }) => {
      const found = explore({
        model: { bounds, rules: safeRules },
        judge: new Set(judge),
        maxStates: mostStates,
      });
      expect(found.violation).toBeUndefined();
      expect(found.states).toBeGreaterThan(5_000);
      expect(found.transitions).toBeGreaterThan(2 * found.states);
    },
    timeoutMs,
  );

  test('has a job done, failed, cancelled and expired among its states', () => {
    for (const status of ['done', 'failed', 'cancelled', 'expired']) {
      const bounds = { ...oneJob, workers: 1, faults: 0, errors: 1, acts: 2 };
      const seen = explore({
        model: { bounds, rules: safeRules },
        judge: new Set(),
        maxStates: mostStates,
        stopAt: (world) => world.store.jobs.some((job) => job.status === status),
      });
      expect(seen.violation?.invariant, status).toBe('stopped');
    }
  });
});

describe('the model without one of its rules', () => {
  test.each(variants.filter(({ breaks }) => breaks !== undefined))(
    'breaks "$breaks": $name',
    (variant) => {
      const { violation } = checkVariant(variant);
      expect(violation?.invariant).toBe(variant.breaks);
      expect(violation?.trace.length).toBeGreaterThan(1);
    },
    timeoutMs,
  );

  test.each(variants.filter(({ breaks }) => breaks === undefined))(
    'breaks nothing, for the rule saves time alone: $name',
    (variant) => {
      expect(checkVariant(variant).violation).toBeUndefined();
    },
    timeoutMs,
  );

  test('is tried for every rule and for every invariant', () => {
    const tried = new Set<string>(variants.flatMap(({ lacks }) => lacks));
    expect(Object.keys(safeRules).filter((rule) => !tried.has(rule))).toEqual([]);
    const broken = new Set(variants.map(({ breaks }) => breaks));
    expect([...generalInvariants, unharmed.name].filter((name) => !broken.has(name))).toEqual([]);
  });
});
