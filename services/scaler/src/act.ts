/** Carries a decision out at the target. Says what was done, or why not; a step that was not taken is simply decided anew at the next tick. */
import type { Scale } from './decision/decision.ts';
import { retireVictims, type RetireVictimsDeps } from './retire-victims.ts';
import type { TargetState } from './targets/scale-target.ts';

export type Act =
  | { did: 'nothing' }
  /** What it would have done; only the number is told. */
  | { did: 'dry-run'; to: number }
  | {
      did: 'scaled';
      from: number;
      to: number;
      removed: readonly string[];
      /** Of these, those that nobody had chosen. */
      wrongVictims: readonly string[];
    }
  | { did: 'refused'; reason: string };

export interface ActDeps extends RetireVictimsDeps {
  dryRun: boolean;
}

export interface ActInput {
  decision: Scale;
  target: TargetState;
  stop: AbortSignal;
}

interface Change {
  from: number;
  to: number;
  victims: readonly string[];
}

const scale = async ({ target }: ActDeps, change: Change): Promise<Act> => {
  const answer = await target.scaleTo(change);
  if (!answer.ok) return { did: 'refused', reason: answer.reason };
  const wrongVictims = answer.removed.filter((id) => !change.victims.includes(id));
  return { did: 'scaled', from: change.from, to: change.to, removed: answer.removed, wrongVictims };
};

/** A worker that has drained may end by itself: the target is read again, and shrinks by those that still run. */
const removeRetired = async (deps: ActDeps, retired: readonly string[]): Promise<Act> => {
  const reading = await deps.target.read();
  if (!reading.ok) return { did: 'refused', reason: reading.reason };
  const { replicas, workers } = reading.value;
  const victims = retired.filter((id) => workers.some((worker) => worker.id === id));
  const gone = retired.filter((id) => !victims.includes(id));
  const to = replicas - victims.length;
  const ended: Act = { did: 'scaled', from: replicas, to, removed: [], wrongVictims: [] };
  const done = victims.length === 0 ? ended : await scale(deps, { from: replicas, to, victims });
  return done.did === 'scaled'
    ? { ...done, from: replicas + gone.length, removed: [...gone, ...done.removed] }
    : done;
};

const shrink = async (deps: ActDeps, chosen: readonly string[], stop: AbortSignal): Promise<Act> => {
  const retired = await retireVictims(deps, chosen, stop);
  if (!retired.ok) return { did: 'refused', reason: `drain: ${retired.reason}` };
  return retired.victims.length === 0
    ? { did: 'refused', reason: 'no victim has drained in time' }
    : removeRetired(deps, retired.victims);
};

export const act = async (deps: ActDeps, { decision, target, stop }: ActInput): Promise<Act> => {
  const { replicas: to, victims = [] } = decision;
  if (to === target.replicas) return { did: 'nothing' };
  if (deps.dryRun) return { did: 'dry-run', to };
  return victims.length > 0
    ? shrink(deps, victims, stop)
    : scale(deps, { from: target.replicas, to, victims });
};
