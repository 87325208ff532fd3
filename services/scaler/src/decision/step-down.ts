/** Shrinks slowly, and only by workers that are known to have nothing to do. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import type { Reading } from '../readings/reading.ts';
import type { Readings } from '../readings/readings.ts';
import type { TargetState } from '../targets/scale-target.ts';
import { chooseVictims, idleWorkers } from './choose-victims.ts';
import type { Restriction, Scale, ScaleReason } from './decision.ts';
import { coversWindow, highestNeed, type NeedWindow } from './need-window.ts';
import { steppedLately, type ScaleStep } from './scale-steps.ts';

const freshMs = 10_000;

export interface StepDownInput {
  readings: Readings;
  target: TargetState;
  pool: PoolReport | undefined;
  /** The last worker stays this once. */
  lingering: boolean;
  window: NeedWindow;
  windowMs: number;
  reason: ScaleReason;
  steps: readonly ScaleStep[];
  now: number;
}

const isFresh = (reading: Reading<unknown>, now: number): boolean =>
  reading.ok && now - reading.at <= freshMs;

const stay = (current: number, restricted: Restriction): Scale => ({
  kind: 'scale',
  replicas: current,
  reason: 'steady',
  restricted,
});

/** The first thing that forbids a step down, whatever its size. */
const forbidden = ({
  readings,
  target,
  window,
  windowMs,
  steps,
  now,
}: StepDownInput): Restriction | undefined => {
  if (!Object.values(readings).every((reading) => isFresh(reading, now))) return 'stale-reading';
  if (target.rollout) return 'rollout';
  if (!coversWindow(window, windowMs, now)) return 'window';
  return steppedLately(steps, now) ? 'step-spacing' : undefined;
};

/** Down to the highest need of the window, by half of the idle workers at a time. */
const shrink = (input: StepDownInput, pool: PoolReport): Scale => {
  const { target, lingering, window, reason } = input;
  const goal = Math.max(highestNeed(window), lingering ? 1 : 0);
  const surplus = target.replicas - goal;
  if (surplus <= 0) return stay(target.replicas, highestNeed(window) < goal ? 'lingering' : 'window');
  const sources = { workers: pool.workers, running: target.workers };
  const share = Math.ceil(idleWorkers(sources.workers, sources.running).length / 2);
  if (share === 0) return stay(target.replicas, 'no-idle-worker');
  const victims = chooseVictims(sources, Math.min(surplus, share));
  return {
    kind: 'scale',
    replicas: target.replicas - victims.length,
    reason,
    victims,
    ...(share < surplus ? { restricted: 'idle-share' } : {}),
  };
};

export const stepDown = (input: StepDownInput): Scale => {
  const { pool, target } = input;
  if (!pool) return stay(target.replicas, 'pool-unknown');
  const restriction = forbidden(input);
  return restriction ? stay(target.replicas, restriction) : shrink(input, pool);
};
