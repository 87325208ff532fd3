/** How long jobs take here, and what follows from it: how many deliveries to hold, how many jobs to have in a runner's line. */

export interface ServiceTime {
  /** A run took this long. */
  observe: (ms: number) => void;
  /** Moving average in milliseconds, undefined before the first run. @param runningMs age of the oldest running job: it counts before it has ended. */
  estimateMs: (runningMs: number) => number | undefined;
}

/** Weight of the newest run. */
const weight = 0.1;
/**
 * A running job of this age, in milliseconds, shows that jobs are long here, whatever they were before. A younger one may
 * just be waiting for the processor.
 */
export const longRunMs = 1_000;

export const createServiceTime = (): ServiceTime => {
  let average: number | undefined;
  return {
    observe: (ms) => {
      average = average === undefined ? ms : average + weight * (ms - average);
    },
    estimateMs: (runningMs) => {
      if (runningMs < longRunMs) return average;
      return Math.max(average ?? 0, runningMs);
    },
  };
};

/** Work that is held in advance, in milliseconds of running: it covers the way of a delivery to here. */
const heldMs = 200;
/** Work that is claimed and written to the runner in advance: it covers the way to the api and back. */
const lineMs = 40;
const maxPrefetch = 64;
const maxLine = 32;

/** Deliveries to hold: clamp(⌈200 ms / S⌉ · slots, slots, 64). As many as slots while S is not known. */
export const prefetchFor = (serviceMs: number | undefined, slots: number): number => {
  if (serviceMs === undefined) return slots;
  const wanted = Math.ceil(heldMs / Math.max(serviceMs, 0.001)) * slots;
  return Math.max(slots, Math.min(maxPrefetch, wanted));
};

/** Jobs to have in one runner's line, the running one included: one alone where jobs are long. */
export const lineLengthFor = (serviceMs: number | undefined): number =>
  serviceMs === undefined ? 1 : Math.min(maxLine, 1 + Math.floor(lineMs / Math.max(serviceMs, 0.001)));

/**
 * A new prefetch costs a channel, so small changes are not worth it; but a worker of long jobs holds exactly its slots.
 * @returns the prefetch to have from now on.
 */
export const nextPrefetch = (current: number, wanted: number, slots: number): number =>
  wanted >= 2 * current || 2 * wanted <= current || (wanted === slots && wanted < current) ? wanted : current;
