/** The jobs of a run, from its seed: what each is to do, and what may become of it. */
import type { Random } from '../../../bench/scaler-simulator/random.ts';
import type { ChaosInput } from '../task/handler.ts';
import { digestOf, factorialOf, paddedTo } from '../task/results.ts';

export const jobKinds = [
  'factorial',
  'digest',
  'nap',
  'large',
  'short-lived',
  'flaky',
  'refuse',
  'crash',
  'hog',
  'overlong',
  'cancel',
] as const;
export type JobKind = (typeof jobKinds)[number];

/** The ends that are right for a job; any other is a fault of the system. */
export interface RightEnds {
  /** SHA-256 of the output. */
  done?: string;
  /** Code of the error. */
  failed?: string;
  cancelled?: true;
}

export interface PlannedJob {
  /** Idempotency key. */
  key: string;
  kind: JobKind;
  /** What is submitted besides the task. */
  body: {
    input: ChaosInput;
    priority: 'low' | 'normal' | 'high';
    runTimeoutSeconds?: number;
    ttlSeconds?: number;
  };
  ends: RightEnds;
  /** From acceptance on. */
  cancelAfterMs?: number;
}

/** Shares of the whole; most are quick, so that many pass while something is broken. */
const shares: Record<JobKind, number> = {
  factorial: 25,
  digest: 45,
  nap: 10,
  large: 4,
  'short-lived': 4,
  flaky: 4,
  refuse: 3,
  crash: 1,
  hog: 0.4,
  overlong: 0.6,
  cancel: 3,
};

/** Picks by weight; the weights need not sum to anything. */
export const pickWeighted = <Thing extends { weight: number }>(
  things: readonly Thing[],
  random: Random,
): Thing => {
  let left = random.next() * things.reduce((sum, { weight }) => sum + weight, 0);
  const found = things.find(({ weight }) => (left -= weight) < 0);
  if (!found) throw new Error('nothing to pick from');
  return found;
};

const kindWeights = jobKinds.map((kind) => ({ kind, weight: shares[kind] }));
const priorityWeights = [
  { priority: 'normal', weight: 8 },
  { priority: 'low', weight: 1 },
  { priority: 'high', weight: 1 },
] as const;

const sha = (text: string): string => digestOf(text, 1);

type Made = Pick<PlannedJob, 'ends' | 'cancelAfterMs'> & {
  input: Omit<ChaosInput, 'text'>;
  body?: Pick<PlannedJob['body'], 'runTimeoutSeconds' | 'ttlSeconds'>;
};

const makers: Record<JobKind, (text: string, random: Random) => Made> = {
  factorial: (_text, random) => {
    const amount = Math.floor(random.between(1, 1_500));
    return { input: { do: 'factorial', amount }, ends: { done: sha(factorialOf(amount)) } };
  },
  digest: (text, random) => {
    const amount = Math.floor(random.between(1, 2_000));
    return { input: { do: 'digest', amount }, ends: { done: sha(digestOf(text, amount)) } };
  },
  nap: (text, random) => {
    const amount = Math.floor(random.between(100, 1_500));
    return { input: { do: 'nap', amount }, ends: { done: sha(digestOf(text, 1)) } };
  },
  // Above 256 KiB an output goes ahead of its outcome.
  large: (text, random) => {
    const amount = Math.floor(random.between(100_000, 600_000));
    return { input: { do: 'large', amount }, ends: { done: sha(paddedTo(text, amount)) } };
  },
  'short-lived': (text) => ({
    input: { do: 'digest', amount: 3 },
    ends: { done: sha(digestOf(text, 3)) },
    body: { ttlSeconds: 5 },
  }),
  flaky: (text) => ({ input: { do: 'flaky', amount: 1 }, ends: { done: sha(digestOf(text, 1)) } }),
  refuse: () => ({ input: { do: 'refuse', amount: 0 }, ends: { failed: 'chaos-refused' } }),
  crash: (text) => ({ input: { do: 'crash', amount: 1 }, ends: { done: sha(digestOf(text, 1)) } }),
  hog: () => ({ input: { do: 'hog', amount: 0 }, ends: { failed: 'out-of-memory' } }),
  overlong: () => ({
    input: { do: 'nap', amount: 100_000 },
    ends: { failed: 'run-timeout' },
    body: { runTimeoutSeconds: 1 },
  }),
  cancel: (text, random) => ({
    input: { do: 'nap', amount: 5_000 },
    ends: { cancelled: true, done: sha(digestOf(text, 1)) },
    cancelAfterMs: Math.floor(random.between(0, 2_000)),
  }),
};

/** @param text differs from job to job. */
const planJob = (text: string, random: Random): PlannedJob => {
  const { kind } = pickWeighted(kindWeights, random);
  const { input, body, ...rest } = makers[kind](text, random);
  const { priority } = pickWeighted(priorityWeights, random);
  return { key: text, kind, body: { input: { ...input, text }, priority, ...body }, ...rest };
};

export const planJobs = (count: number, seed: number, random: Random): PlannedJob[] =>
  Array.from({ length: count }, (_, index) => planJob(`chaos-${seed}-${index}`, random));
