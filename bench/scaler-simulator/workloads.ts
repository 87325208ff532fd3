/** Streams of jobs: when they come and how long each takes. */
import type { Random } from './random.ts';
import type { Job } from './world/message-queue.ts';

const secondMs = 1_000;
export const minuteMs = 60 * secondMs;

/** Seconds that a job takes. */
export type DrawSeconds = (random: Random) => number;

export const lasting =
  (seconds: number): DrawSeconds =>
  () =>
    seconds;

/** Log-normal between bounds: many short ones and a few long ones, more so with a greater sigma. */
export const spread =
  (meanSeconds: number, sigma: number, mostSeconds: number): DrawSeconds =>
  (random) =>
    Math.min(mostSeconds, Math.max(1, random.logNormal(meanSeconds, sigma)));

export const evenly =
  (least: number, most: number): DrawSeconds =>
  (random) =>
    random.between(least, most);

export interface Arrivals {
  minutes: number;
  /** Jobs a second at this minute. */
  rate: (minute: number) => number;
  /** The rate is never above it. */
  mostPerSecond: number;
  seconds: DrawSeconds;
}

const job = (arrivesAtMs: number, seconds: number): Job => ({
  arrivesAtMs: Math.round(arrivesAtMs),
  serviceMs: Math.round(seconds * secondMs),
});

/** Poisson with a rate that changes, by thinning: candidates at the highest rate, of which a share is taken. */
export const poisson =
  ({ minutes, rate, mostPerSecond, seconds }: Arrivals) =>
  (random: Random): Job[] => {
    const jobs: Job[] = [];
    for (;;) {
      const before = jobs.at(-1)?.arrivesAtMs ?? 0;
      let atMs = before;
      do {
        atMs += random.exponential(mostPerSecond) * secondMs;
      } while (random.next() * mostPerSecond >= rate(atMs / minuteMs));
      if (atMs >= minutes * minuteMs) return jobs;
      jobs.push(job(atMs, seconds(random)));
    }
  };

export interface Bursts {
  count: number;
  everyMinutes: number;
  jobs: number;
  seconds: DrawSeconds;
}

/** Many jobs within five seconds, again and again. */
export const bursts =
  ({ count, everyMinutes, jobs, seconds }: Bursts) =>
  (random: Random): Job[] =>
    Array.from({ length: count * jobs }, (_, index) => {
      const beginsAtMs = (Math.floor(index / jobs) * everyMinutes + 1) * minuteMs;
      return job(beginsAtMs + random.between(0, 5 * secondMs), seconds(random));
    }).sort((one, other) => one.arrivesAtMs - other.arrivesAtMs);

export const constant = (perSecond: number) => () => perSecond;

export const square = (high: number, low: number, halfMinutes: number) => (minute: number) =>
  Math.floor(minute / halfMinutes) % 2 === 0 ? high : low;

export const ramp = (from: number, to: number, minutes: number) => (minute: number) =>
  from + ((to - from) * Math.min(minute, minutes)) / minutes;
