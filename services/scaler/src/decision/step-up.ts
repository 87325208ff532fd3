/** Grows at once and straight to the number wanted, but no faster than doubling. */
import type { Restriction, Scale, ScaleReason } from './decision.ts';
import { mostAfterGrowth, type ScaleStep } from './scale-steps.ts';

export interface StepUpInput {
  current: number;
  wanted: number;
  reason: ScaleReason;
  /** What had kept `wanted` low already. */
  restricted: Restriction | undefined;
  steps: readonly ScaleStep[];
  now: number;
}

export const stepUp = ({ current, wanted, reason, restricted, steps, now }: StepUpInput): Scale => {
  const replicas = Math.min(wanted, mostAfterGrowth(current, steps, now));
  const by = replicas < wanted ? 'up-rate' : restricted;
  return {
    kind: 'scale',
    replicas,
    reason: replicas === current ? 'steady' : reason,
    ...(by ? { restricted: by } : {}),
  };
};
