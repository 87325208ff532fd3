/** When what goes wrong, from the seed alone: the same seed gives the same faults at the same times. */
import type { Random } from '../../../bench/scaler-simulator/random.ts';
import { pickWeighted } from '../load/plan-jobs.ts';
import type { RuleOf, Timing } from './fault.ts';

export interface ScheduleOptions<Blow> {
  count: number;
  /** All of them begin within this time, ms. */
  withinMs: number;
  rules: readonly RuleOf<Blow>[];
}

const within = (range: readonly [number, number] | undefined, random: Random): number =>
  range === undefined ? 0 : Math.round(random.between(...range));

/** @returns faults in the order of their times, spread evenly with some jitter, so that they overlap now and then. */
export const makeSchedule = <Blow extends object>(
  { count, withinMs, rules }: ScheduleOptions<Blow>,
  random: Random,
): (Blow & Timing)[] => {
  const gapMs = withinMs / count;
  return Array.from({ length: count }, (_, index) => {
    const { blow, lastsMs, amount } = pickWeighted(rules, random);
    return {
      ...blow,
      atMs: Math.round((index + random.next()) * gapMs),
      lastsMs: within(lastsMs, random),
      amount: within(amount, random),
    };
  });
};
