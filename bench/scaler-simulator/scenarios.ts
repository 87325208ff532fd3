/** What the autoscalers are set against: a stream of jobs, and the machines and limits under which it comes. */
import type { Random } from './random.ts';
import {
  bursts,
  constant,
  evenly,
  lasting,
  minuteMs,
  poisson,
  ramp,
  spread,
  square,
  type Arrivals,
} from './workloads.ts';
import type { Job } from './world/message-queue.ts';

type Range = readonly [least: number, most: number];

export interface Scenario {
  name: string;
  about: string;
  jobs: (random: Random) => Job[];
  /** Pods are counted until then, or until the last job is done. */
  lastsMs: number;
  minWorkers: number;
  maxWorkers: number;
  /** How many pods each machine has room for. */
  nodes: readonly number[];
  startUp: { podMs: Range; processMs: Range };
  /** The share of runs at whose beginning a worker is not ready, and for how long. */
  lapses?: { share: number; ms: Range };
}

/** After the last job has come: time enough to shrink by the slowest of the windows. */
const afterMs = 10 * minuteMs;

const usual = {
  minWorkers: 1,
  maxWorkers: 10,
  nodes: [5, 5, 5],
  startUp: { podMs: [3_000, 6_000], processMs: [1_000, 3_000] },
} as const;

type Story = Pick<Scenario, 'name' | 'about'> & Partial<Scenario>;

const arriving = (story: Story, arrivals: Arrivals): Scenario => ({
  ...usual,
  jobs: poisson(arrivals),
  lastsMs: arrivals.minutes * minuteMs + afterMs,
  ...story,
});

const bursting = (
  story: Story,
  each: { jobs: number; everyMinutes: number; meanSeconds: number },
): Scenario => ({
  ...usual,
  jobs: bursts({ ...each, count: 4, seconds: spread(each.meanSeconds, 0.7, 300) }),
  lastsMs: 3 * each.everyMinutes * minuteMs + afterMs,
  ...story,
});

export const scenarios: readonly Scenario[] = [
  bursting(
    { name: 'bursts', about: '30 jobs at once every 15 min, 60 s each on average' },
    { jobs: 30, everyMinutes: 15, meanSeconds: 60 },
  ),
  arriving(
    { name: 'Poisson', about: '0.1 jobs/s, 40 s each on average, up to 5 min' },
    { minutes: 60, rate: constant(0.1), mostPerSecond: 0.1, seconds: spread(40, 1, 300) },
  ),
  arriving(
    { name: 'square wave', about: '0.2 and 0.02 jobs/s, 10 min each in turn, 30 s each on average' },
    { minutes: 60, rate: square(0.2, 0.02, 10), mostPerSecond: 0.2, seconds: spread(30, 0.8, 300) },
  ),
  arriving(
    { name: 'heavy tail', about: '0.07 jobs/s, 60 s each on average, most far shorter, some 10 min' },
    { minutes: 60, rate: constant(0.07), mostPerSecond: 0.07, seconds: spread(60, 1.6, 600) },
  ),
  arriving(
    { name: 'ramp', about: '0.01 to 0.2 jobs/s within the hour, 40 s each on average' },
    { minutes: 60, rate: ramp(0.01, 0.2, 60), mostPerSecond: 0.2, seconds: spread(40, 0.9, 300) },
  ),
  bursting(
    {
      name: 'wake from 0',
      about: 'no worker at rest; 12 jobs at once every 20 min, 45 s each',
      minWorkers: 0,
    },
    { jobs: 12, everyMinutes: 20, meanSeconds: 45 },
  ),
  arriving(
    { name: 'short jobs', about: '4 jobs/s of 1 s' },
    { minutes: 30, rate: constant(4), mostPerSecond: 4, seconds: lasting(1) },
  ),
  arriving(
    {
      name: 'tiny jobs',
      about: '40 and 4 jobs/s, 5 min each in turn, 20 to 150 ms: workers hold messages in advance',
    },
    { minutes: 30, rate: square(40, 4, 5), mostPerSecond: 40, seconds: evenly(0.02, 0.15) },
  ),
  bursting(
    {
      name: 'full machines',
      about: 'the bursts; up to 12 workers are allowed, 6 have room',
      maxWorkers: 12,
      nodes: [3, 3],
    },
    { jobs: 30, everyMinutes: 15, meanSeconds: 60 },
  ),
  arriving(
    {
      name: 'slow start',
      about: '0.12 and 0.02 jobs/s, 10 min each in turn, 45 s each; a worker needs about a minute to start',
      startUp: { podMs: [5_000, 15_000], processMs: [30_000, 60_000] },
    },
    { minutes: 60, rate: square(0.12, 0.02, 10), mostPerSecond: 0.12, seconds: spread(45, 0.8, 300) },
  ),
];
