/** Carries a decision out at the target. Says what was done, or why not; a step that was not taken is simply decided anew at the next tick. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import type { Scale } from './decision/decision.ts';
import { keepVictims, retireVictims, type Chosen, type RetireVictimsDeps } from './retire-victims.ts';
import type { Refusal, ScaleRequest, TargetState } from './targets/scale-target.ts';

/** The refusal of a step for which no chosen worker has confirmed that it takes no further job. */
export const noVictimDrained = 'no victim has drained in time';

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
  /** Known wherever a worker is chosen to go. */
  pool: PoolReport | undefined;
  stop: AbortSignal;
}

type Scaled = Extract<Act, { did: 'scaled' }>;
type Outcome = Scaled | Refusal;

/** A worker that never served can go in a victim's place: nobody misses it. */
const wrongOnes = (removed: readonly string[], victims: readonly string[], { workers }: TargetState) =>
  removed.filter((id) => !victims.includes(id) && workers.some((worker) => worker.id === id));

interface Change extends ScaleRequest {
  target: TargetState;
}

const scale = async (
  { target }: ActDeps,
  { target: state, ...request }: Change,
  stop: AbortSignal,
): Promise<Outcome> => {
  const answer = await target.scaleTo(request, stop);
  if (!answer.ok) return answer;
  const { from, to, victims } = request;
  const { removed } = answer;
  return { did: 'scaled', from, to, removed, wrongVictims: wrongOnes(removed, victims, state) };
};

/** Where a target gives up the place of a worker that has drained and ended by itself, it shrinks by those that still run. */
const removeRetired = async (
  deps: ActDeps,
  { retired, before }: { retired: readonly string[]; before: number },
  stop: AbortSignal,
): Promise<Outcome> => {
  const reading = await deps.target.read(stop);
  if (!reading.ok) return reading;
  const { replicas: from, workers } = reading.value;
  const victims = retired.filter((id) => workers.some((worker) => worker.id === id));
  const ended = retired.filter((id) => !victims.includes(id));
  const gone = from + ended.length <= before ? ended : [];
  if (victims.length + gone.length === 0) return { ok: false, reason: 'the victims run no more' };
  const to = from - victims.length;
  const nobody: Scaled = { did: 'scaled', from, to, removed: [], wrongVictims: [] };
  const done =
    victims.length === 0 ? nobody : await scale(deps, { target: reading.value, from, to, victims }, stop);
  return 'did' in done ? { ...done, from: from + gone.length, removed: [...gone, ...done.removed] } : done;
};

/** A victim that nobody stops works again at once; where it may still be stopped any moment it is left alone. */
const stayOn = (done: Outcome): boolean => ('did' in done ? done.wrongVictims.length > 0 : !done.uncertain);

const shrink = async (
  deps: ActDeps,
  { chosen, before }: { chosen: Chosen; before: number },
  stop: AbortSignal,
): Promise<Act> => {
  const retired = await retireVictims(deps, chosen, stop);
  if (!retired.ok) return { did: 'refused', reason: retired.reason };
  if (retired.victims.length === 0) return { did: 'refused', reason: noVictimDrained };
  const done = await removeRetired(deps, { retired: retired.victims, before }, stop);
  if (stayOn(done)) {
    const removed = 'did' in done ? done.removed : [];
    const victims = retired.victims.filter((id) => !removed.includes(id));
    await keepVictims(deps, { ...chosen, victims }, stop);
  }
  return 'did' in done ? done : { did: 'refused', reason: done.reason };
};

export const act = async (deps: ActDeps, { decision, target, pool, stop }: ActInput): Promise<Act> => {
  const { replicas: to, victims = [] } = decision;
  const { replicas: from } = target;
  if (to === from) return { did: 'nothing' };
  if (deps.dryRun) return { did: 'dry-run', to };
  if (victims.length > 0 && pool) return shrink(deps, { chosen: { victims, pool }, before: from }, stop);
  const done = await scale(deps, { target, from, to, victims }, stop);
  return 'did' in done ? done : { did: 'refused', reason: done.reason };
};
