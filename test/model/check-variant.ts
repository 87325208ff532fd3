/** Explores one variant, judging by the invariant alone that it has to break. */
import { explore, type Exploration, generalInvariants } from './explore.ts';
import { type Rules, safeRules } from './rules.ts';
import type { Variant } from './variants.ts';

const without = (lacks: readonly (keyof Rules)[]): Rules => ({
  ...safeRules,
  ...Object.fromEntries(lacks.map((rule) => [rule, false])),
});

const mostStates = 500_000;

export const checkVariant = ({ lacks, breaks, bounds }: Variant): Exploration =>
  explore({
    model: { bounds, rules: without(lacks) },
    judge: new Set(breaks === undefined ? generalInvariants : [breaks]),
    maxStates: mostStates,
  });
