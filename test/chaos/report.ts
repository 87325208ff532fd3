/** What a run comes to, for people and for programs. */
import { formatTable } from '../../bench/format-table.ts';
import { boundOf, brokenPromises, recoveryOf } from './gates.ts';
import type { ChaosResult } from './run-chaos.ts';

const seconds = (ms: number): string => (Number.isFinite(ms) ? (ms / 1_000).toFixed(1) : '-');

const head = [
  'seed',
  'accepted',
  'faults',
  'lost',
  'double',
  'changed',
  'wrong',
  'stuck',
  'orphans',
  'rerun',
  'recovery p50, s',
  'p99',
  'max',
  'refused (503)',
  'minutes',
];

const figuresOf = (name: string, results: readonly ChaosResult[]): string[] => {
  const sum = (of: (result: ChaosResult) => number): string =>
    String(results.reduce((total, result) => total + of(result), 0));
  const { p50Ms, p99Ms, maxMs } = recoveryOf(results);
  return [
    name,
    sum(({ account }) => account.accepted),
    sum(({ faults }) => faults.length),
    sum(({ account }) => account.lost.length),
    sum(({ account }) => account.double),
    sum(({ account }) => account.changed.length),
    sum(({ account }) => account.wrong.length),
    sum(({ account }) => account.stuck),
    sum(({ account }) => account.orphans.length),
    sum(({ account }) => account.rerun),
    seconds(p50Ms),
    seconds(p99Ms),
    seconds(maxMs),
    sum(({ answers }) => answers.get(503) ?? 0),
    (results.reduce((total, result) => total + result.seconds, 0) / 60).toFixed(1),
  ];
};

export const tableOf = (results: readonly ChaosResult[]): string =>
  formatTable([
    head,
    ...results.map((result) => figuresOf(String(result.seed), [result])),
    ...(results.length > 1 ? [figuresOf('all', results)] : []),
  ]);

/** None of so many says no more than this. */
export const boundSentence = (results: readonly ChaosResult[]): string => {
  const accepted = results.reduce((total, { account }) => total + account.accepted, 0);
  return `0 of ${accepted}: with 95 % confidence fewer than ${(boundOf(accepted) * 100).toFixed(3)} % of jobs, under faults like these.`;
};

export const toJson = (results: readonly ChaosResult[]): string =>
  JSON.stringify(
    results.map((result) => ({
      seed: result.seed,
      seconds: result.seconds,
      account: result.account,
      answers: Object.fromEntries(result.answers),
      faults: result.faults,
      recovery: recoveryOf([result]),
      recoveries: result.recoveries,
      broken: brokenPromises(result),
    })),
    undefined,
    2,
  );
