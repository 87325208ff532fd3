/** Carries a decision out at the target. Says what was done, or why not; a step that was not taken is simply decided anew at the next tick. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import type { Scale } from './decision/decision.ts';
import { shrink, type ShrinkDeps } from './shrink.ts';
import { takeStep, type Refused, type Scaled } from './take-step.ts';
import type { TargetState } from './targets/scale-target.ts';

export type Act =
  | { did: 'nothing' }
  /** What it would have done; only the number is told. */
  | { did: 'dry-run'; to: number }
  | Scaled
  | Refused;

export interface ActDeps extends ShrinkDeps {
  dryRun: boolean;
}

export interface ActInput {
  decision: Scale;
  target: TargetState;
  /** Known wherever a worker is chosen to go. */
  pool: PoolReport | undefined;
  stop: AbortSignal;
}

export const act = async (deps: ActDeps, { decision, target, pool, stop }: ActInput): Promise<Act> => {
  const { replicas: to, victims = [] } = decision;
  const { replicas: from } = target;
  if (to === from) return { did: 'nothing' };
  if (deps.dryRun) return { did: 'dry-run', to };
  if (victims.length > 0 && pool) return shrink(deps, { chosen: { victims, pool }, before: from }, stop);
  const { done } = await takeStep(deps.target, { state: target, from, to, victims, others: [] }, stop);
  return done;
};
