/** The highest need of the last while, so that a dip lets nobody go. */

/** A longer silence and what came before it proves nothing. */
const longestGapMs = 10_000;

export interface NeedWindow {
  /** Start of the unbroken observation, ms since the epoch. */
  since: number;
  lastAt: number;
  /** Falling in height, rising in time: an earlier and lower one can never again be the highest. */
  peaks: readonly { at: number; replicas: number }[];
}

export interface NeedSample {
  replicas: number;
  windowMs: number;
  now: number;
}

export const nextNeedWindow = (
  previous: NeedWindow | undefined,
  { replicas, windowMs, now }: NeedSample,
): NeedWindow => {
  const unbroken = previous !== undefined && now - previous.lastAt <= longestGapMs;
  const peaks = unbroken ? previous.peaks : [];
  return {
    since: unbroken ? previous.since : now,
    lastAt: now,
    peaks: [
      ...peaks.filter((peak) => peak.replicas > replicas && now - peak.at < windowMs),
      { at: now, replicas },
    ],
  };
};

/** Whether it has been watched long enough to know what the need was all through the window. */
export const coversWindow = (window: NeedWindow, windowMs: number, now: number): boolean =>
  now - window.since >= windowMs;

export const highestNeed = (window: NeedWindow): number =>
  Math.max(...window.peaks.map((peak) => peak.replicas));
