/** What comes out of a tick: a number of workers and why, or the refusal to touch anything and why. */
import type { Demand, NeedReason } from './needed-slots.ts';

export type HoldReason = 'paused' | 'queue-unknown' | 'target-unknown';

/** Why it moves, or what keeps it where it is. */
export type ScaleReason = NeedReason | 'minimum' | 'maximum' | 'capacity' | 'less-work' | 'steady';

/** What kept it from the number that the work alone would ask for. */
export type Restriction =
  | 'maximum'
  | 'capacity'
  | 'pool-paused'
  | 'up-rate'
  | 'pool-unknown'
  | 'stale-reading'
  | 'rollout'
  | 'window'
  | 'step-spacing'
  | 'lingering'
  | 'no-idle-worker'
  | 'idle-share';

/** The numbers behind a decision, for those who ask. */
export interface Plan extends Demand {
  /** Slots the work asks for. */
  needSlots: number;
  /** Workers the work asks for, between minimum and maximum. */
  needReplicas: number;
  current: number;
}

export interface Hold {
  kind: 'hold';
  reason: HoldReason;
  /** The reading's own reason. */
  detail: string;
}

export interface Scale {
  kind: 'scale';
  replicas: number;
  reason: ScaleReason;
  restricted?: Restriction;
  /** Workers to let go, as many as it shrinks by; empty where only those without a machine go. */
  victims?: readonly string[];
}

export type Decision = Hold | Scale;
