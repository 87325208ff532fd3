/** Changes the number of workers at the target, and says what became of those that were to go. */
import type { ScaleRequest, ScaleTarget, TargetState } from './targets/scale-target.ts';

/** What a step did not get beyond: asking its victims to drain, marking them, waiting until they have drained, or the number itself. */
export type RefusalCode = 'not-asked' | 'not-marked' | 'not-drained' | 'not-scaled';

export interface Scaled {
  did: 'scaled';
  from: number;
  to: number;
  removed: readonly string[];
  /** Of these, those that nobody had chosen. */
  wrongVictims: readonly string[];
}

export interface Refused {
  did: 'refused';
  code: RefusalCode;
  reason: string;
}

export const refused = (code: RefusalCode, reason: string): Refused => ({ did: 'refused', code, reason });

export interface Taken {
  done: Scaled | Refused;
  /** Victims that nobody will stop by this step. One that may still be stopped any moment is not among them. */
  stayed: readonly string[];
}

export interface Step extends ScaleRequest {
  /** As it was read before. */
  state: TargetState;
}

/** A worker that never served can go in a victim's place: nobody misses it. */
const wrongOnes = (removed: readonly string[], victims: readonly string[], { workers }: TargetState) =>
  removed.filter((id) => !victims.includes(id) && workers.some((worker) => worker.id === id));

export const takeStep = async (
  target: ScaleTarget,
  { state, ...request }: Step,
  stop: AbortSignal,
): Promise<Taken> => {
  const { from, to, victims } = request;
  if (stop.aborted) return { done: refused('not-scaled', 'the step was called off'), stayed: victims };
  const answer = await target.scaleTo(request, stop);
  if (!answer.ok) {
    const { reason, uncertain } = answer;
    return { done: refused('not-scaled', reason), stayed: uncertain ? [] : victims };
  }
  const { removed, stayed } = answer;
  return {
    done: { did: 'scaled', from, to, removed, wrongVictims: wrongOnes(removed, victims, state) },
    stayed,
  };
};
