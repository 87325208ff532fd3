/** What of a pool's samples is shown: as many as a plot can show, each change of the scaler's mind among them. */
import { isDeepStrictEqual } from 'node:util';
import type { ScalerStatement } from '@factorial/core/internal/protocol';
import { historyStepMs, type PoolSample } from '@factorial/core/workers/pool-history';

/** More would be more points than a plot has pixels to spare. */
export const mostShownSamples = 360;

/** Each statement once, where it was first said; the first sample after `fromMs` has what was in force then. */
const onlyNews = (samples: readonly PoolSample[], fromMs: number): PoolSample[] => {
  let inForce: ScalerStatement | undefined;
  let shown: ScalerStatement | undefined;
  return samples.flatMap((sample) => {
    inForce = sample.scaler ?? inForce;
    if (sample.atMs <= fromMs) return [];
    const scaler = isDeepStrictEqual(inForce, shown) ? undefined : inForce;
    shown = inForce;
    return [{ ...sample, scaler }];
  });
};

/** One of each group: its last sample, with the last that the scaler said within it. */
const lastOf = (group: readonly PoolSample[]): PoolSample[] => {
  const last = group.at(-1);
  if (last === undefined) return [];
  return [{ ...last, scaler: group.findLast(({ scaler }) => scaler !== undefined)?.scaler }];
};

export interface ShownHistory {
  stepMs: number;
  /** Oldest first. */
  samples: PoolSample[];
}

/**
 * @param samples oldest first.
 * @param window its end and its length, in ms.
 */
export const showHistory = (
  samples: readonly PoolSample[],
  { nowMs, lengthMs }: { nowMs: number; lengthMs: number },
): ShownHistory => {
  const stepMs = historyStepMs * Math.ceil(lengthMs / historyStepMs / mostShownSamples);
  const news = onlyNews(samples, nowMs - lengthMs);
  const groups = Map.groupBy(news, ({ atMs }) => Math.floor(atMs / stepMs));
  return { stepMs, samples: [...groups.values()].flatMap(lastOf) };
};
