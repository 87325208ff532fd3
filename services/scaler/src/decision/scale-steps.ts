/** The steps taken lately: how fast it may grow, and how long after a step it may shrink. */

/** Doubling or four more, whichever is more, in this time. */
const upPeriodMs = 10_000;
const leastGrowth = 4;
const spacingMs = 10_000;

export interface ScaleStep {
  /** ms since the epoch. */
  at: number;
  /** Workers added, or taken away where negative. */
  change: number;
}

/** Longer than both periods is not looked at. */
export const addStep = (steps: readonly ScaleStep[], step: ScaleStep): readonly ScaleStep[] => [
  ...steps.filter(({ at }) => step.at - at < Math.max(upPeriodMs, spacingMs)),
  step,
];

/** @returns the most workers it may have now, counted from those there were when the period began. */
export const mostAfterGrowth = (replicas: number, steps: readonly ScaleStep[], now: number): number => {
  const added = steps
    .filter(({ at, change }) => change > 0 && now - at < upPeriodMs)
    .reduce((sum, { change }) => sum + change, 0);
  const before = Math.max(0, replicas - added);
  return Math.max(replicas, before + Math.max(leastGrowth, before));
};

export const steppedLately = (steps: readonly ScaleStep[], now: number): boolean =>
  steps.some(({ at }) => now - at < spacingMs);
