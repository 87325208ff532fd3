/** The lines of the two plots, and what they say in words. */
import { count, timeOfDay } from '../ui/format.ts';
import type { Point } from './plot-paths.ts';
import type { Sample } from './samples.ts';

export interface Series {
  key: string;
  name: string;
  /** `area`: filled down to the axis. `dashed`: something wanted, not something there. */
  look: 'area' | 'line' | 'dashed';
  /** What it counts. */
  valueOf: (sample: Sample) => number | undefined;
  /** Where its upper edge is drawn, when series are stacked. Default: its value. */
  edgeOf?: (sample: Sample) => number | undefined;
}

export const jobSeries: readonly Series[] = [
  { key: 'waiting', name: 'Waiting', look: 'area', valueOf: ({ waiting }) => waiting },
  { key: 'processing', name: 'Running', look: 'line', valueOf: ({ processing }) => processing },
];

/** Stacked, from the axis upwards. */
export const workerSeries: readonly Series[] = [
  { key: 'busy', name: 'Busy', look: 'area', valueOf: ({ busy }) => busy },
  {
    key: 'idle',
    name: 'Idle',
    look: 'area',
    valueOf: ({ idle }) => idle,
    edgeOf: ({ busy, idle }) => busy + idle,
  },
  {
    key: 'draining',
    name: 'Draining',
    look: 'area',
    valueOf: ({ draining }) => draining,
    edgeOf: ({ busy, idle, draining }) => busy + idle + draining,
  },
  { key: 'replicas', name: 'Wanted by the scaler', look: 'dashed', valueOf: ({ replicas }) => replicas },
];

/** Areas first, the highest of a stack first of all: what comes later is drawn over it. */
export const inDrawingOrder = (series: readonly Series[]): Series[] => [
  ...series.filter(({ look }) => look === 'area').toReversed(),
  ...series.filter(({ look }) => look !== 'area'),
];

export const pointsOf = ({ valueOf, edgeOf = valueOf }: Series, samples: readonly Sample[]): Point[] =>
  samples.map((sample) => ({ atMs: sample.atMs, value: edgeOf(sample) }));

export const highestOf = (series: readonly Series[], samples: readonly Sample[]): number =>
  Math.max(0, ...series.flatMap((one) => pointsOf(one, samples).map(({ value }) => value ?? 0)));

const sentence = ({ name, valueOf }: Series, samples: readonly Sample[]): string | undefined => {
  const known = samples.flatMap((sample) => {
    const value = valueOf(sample);
    return value === undefined ? [] : [{ atMs: sample.atMs, value }];
  });
  const last = known.at(-1);
  if (last === undefined) return undefined;
  const peak = known.reduce((most, one) => (one.value > most.value ? one : most));
  const now = `${name}: ${count(last.value)} now`;
  return peak.value === last.value
    ? `${now}, never more`
    : `${now}, ${count(peak.value)} at the most, at ${timeOfDay(peak.atMs, last.atMs)}`;
};

/** For those who do not see the plot. */
export const summaryOf = (series: readonly Series[], samples: readonly Sample[]): string =>
  samples.length === 0
    ? 'Nothing is known yet.'
    : `${series
        .map((one) => sentence(one, samples))
        .filter((one) => one !== undefined)
        .join('. ')}.`;
