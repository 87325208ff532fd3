/** Remembers how many workers the machines have room for, and when to try one more. */
import type { TargetState } from '../targets/scale-target.ts';

const patienceMs = 10_000;
const firstHoldMs = 60_000;
const longestHoldMs = 600_000;

export interface CapacityCap {
  replicas: number;
  /** How long the cap stands before one more worker is tried, in milliseconds. */
  holdMs: number;
  /** ms since the epoch. */
  until: number;
  /** One more than was known to fit is being tried. */
  probing: boolean;
}

export interface CapacityState {
  /** Since when some worker has found no room, ms since the epoch. */
  fullSince: number | undefined;
  cap: CapacityCap | undefined;
}

export interface CapacitySample {
  target: TargetState;
  /** Workers wanted, before the cap. */
  wanted: number;
  now: number;
}

export const scheduled = (target: TargetState): number => Math.max(0, target.replicas - target.unschedulable);

/** A probe that failed doubles the time to the next; being still full while the surplus is taken away changes nothing but the number. */
const whenFull = (cap: CapacityCap | undefined, { target, now }: CapacitySample): CapacityCap => {
  const replicas = scheduled(target);
  if (cap && !cap.probing) return { ...cap, replicas: Math.min(cap.replicas, replicas) };
  const holdMs = cap ? Math.min(longestHoldMs, cap.holdMs * 2) : firstHoldMs;
  return { replicas, holdMs, until: now + holdMs, probing: false };
};

const placed = (cap: CapacityCap, target: TargetState): boolean =>
  target.unschedulable === 0 && target.starting === 0 && target.replicas >= cap.replicas;

/** After the hold: nothing to cap any more, or one more at a time, the next when the last has found its place. */
const whenRoomy = (
  cap: CapacityCap | undefined,
  { target, wanted, now }: CapacitySample,
): CapacityCap | undefined => {
  if (!cap || now < cap.until) return cap;
  if (wanted <= cap.replicas) return undefined;
  if (cap.probing && !placed(cap, target)) return cap;
  return { ...cap, replicas: cap.replicas + 1, probing: true };
};

export const nextCapacity = (previous: CapacityState, sample: CapacitySample): CapacityState => {
  const { target, now } = sample;
  const fullSince = target.unschedulable > 0 ? (previous.fullSince ?? now) : undefined;
  const full = fullSince !== undefined && now - fullSince >= patienceMs;
  return { fullSince, cap: full ? whenFull(previous.cap, sample) : whenRoomy(previous.cap, sample) };
};

/** A cap takes away what has no room, never a worker that has found some. */
export const capped = (wanted: number, cap: CapacityCap | undefined, target: TargetState): number =>
  cap ? Math.min(wanted, Math.max(cap.replicas, scheduled(target))) : wanted;
