/** What a run has to keep to, and what is said when it does not. */
import { percentile } from '../../bench/percentile.ts';
import type { ChaosResult } from './run-chaos.ts';

export interface RecoveryFigures {
  kills: number;
  /** Never got over. */
  open: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export const recoveryOf = (results: readonly ChaosResult[]): RecoveryFigures => {
  const recoveries = results.flatMap((result) => result.recoveries);
  const took = recoveries.flatMap(({ tookMs }) => (tookMs === undefined ? [] : [tookMs]));
  return {
    kills: recoveries.length,
    open: recoveries.length - took.length,
    p50Ms: percentile(took, 0.5),
    p99Ms: percentile(took, 0.99),
    maxMs: percentile(took, 1),
  };
};

/** 95 % sure bound of a share of which none was seen in so many: the rule of three. */
export const boundOf = (count: number): number => 3 / count;

/** @returns a sentence for each promise that was broken. */
export const brokenPromises = (result: ChaosResult): string[] => {
  const { account } = result;
  const listed = (['lost', 'changed', 'wrong', 'orphans', 'complaints'] as const).flatMap((name) =>
    account[name].length === 0
      ? []
      : [`${name} ${account[name].length}: ${account[name].slice(0, 5).join('; ')}`],
  );
  const counted = (['double', 'stuck'] as const).flatMap((name) =>
    account[name] === 0 ? [] : [`${name} ${account[name]}`],
  );
  return [
    ...listed,
    ...counted,
    ...(account.accepted === account.sent
      ? []
      : [`${account.sent - account.accepted} submissions were never taken`]),
    ...(result.faults.length === 0 && account.rerun > 0
      ? [`rerun ${account.rerun}, though nothing went wrong`]
      : []),
    ...(result.restMs > result.restLimitMs ? [`at rest after ${Math.round(result.restMs)} ms only`] : []),
  ];
};

/** Of all runs together: the hundredth part of one run's kills is less than one. */
export const brokenRecovery = (results: readonly ChaosResult[]): string[] => {
  const { kills, open, p99Ms } = recoveryOf(results);
  const limitMs = Math.min(...results.map(({ recoveryLimitMs }) => recoveryLimitMs));
  return [
    ...(open > 0 ? [`${open} kills were not got over`] : []),
    ...(kills > 0 && p99Ms > limitMs ? [`recovery p99 ${Math.round(p99Ms)} ms`] : []),
  ];
};
