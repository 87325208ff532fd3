/** One step down: retires the victims, lets those go that may, and sets everything right again for those that stay. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import {
  drainSeconds,
  keepVictims,
  lookAt,
  retireVictims,
  type Chosen,
  type RetireVictimsDeps,
} from './retire-victims.ts';
import { refused, takeStep, type Refused, type Scaled, type Taken } from './take-step.ts';
import type { OtherWorker } from './targets/scale-target.ts';

/** What takes longer might let workers go that have taken jobs again, since the request to drain lapses. */
const stepMs = drainSeconds * 750;

export interface ShrinkDeps extends RetireVictimsDeps {
  /** @returns a signal that is aborted after this time. */
  timeLimit: (ms: number) => AbortSignal;
}

export interface ShrinkInput {
  chosen: Chosen;
  /** Workers that there were when they were chosen. */
  before: number;
}

/** What was found out in the end, beside what was done. */
interface Outcome extends Taken {
  pool: PoolReport;
}

/** One that is still starting has no job, and may go in a victim's place. */
const othersIn = ({ workers }: PoolReport, victims: readonly string[]): OtherWorker[] =>
  workers
    .filter(({ id, state }) => state !== 'starting' && !victims.includes(id))
    .map(({ id, busy }) => ({ id, busy: busy > 0 }));

interface Retired extends Chosen {
  before: number;
}

/** Where a target gives up the place of a worker that has drained and ended by itself, it shrinks by those that are still there. */
const removeRetired = async (
  deps: ShrinkDeps,
  { victims: retired, pool, before }: Retired,
  stop: AbortSignal,
): Promise<Outcome> => {
  const seen = await lookAt(deps, retired, stop);
  if (!seen.ok) return { done: refused('not-scaled', seen.reason), stayed: retired, pool };
  const { target, pool: latest, verdicts } = seen;
  const keepAll = (done: Refused): Outcome => ({ done, stayed: retired, pool: latest });
  if (verdicts.some(({ verdict }) => verdict !== 'may-go'))
    return keepAll(refused('not-drained', 'a victim has taken a job again'));
  const { replicas: from, present } = target;
  const victims = retired.filter((id) => present.includes(id));
  const ended = retired.filter((id) => !present.includes(id));
  const gone = from + ended.length <= before ? ended : [];
  if (victims.length + gone.length === 0) return keepAll(refused('not-scaled', 'the victims run no more'));
  const to = from - victims.length;
  const nobody: Taken = { done: { did: 'scaled', from, to, removed: [], wrongVictims: [] }, stayed: [] };
  const step = { state: target, from, to, victims, others: othersIn(latest, retired) };
  const { done, stayed } = victims.length === 0 ? nobody : await takeStep(deps.target, step, stop);
  if (done.did === 'refused') return { done, stayed, pool: latest };
  const all = { ...done, from: from + gone.length, removed: [...gone, ...done.removed] };
  return { done: all, stayed, pool: latest };
};

export const shrink = async (
  deps: ShrinkDeps,
  { chosen, before }: ShrinkInput,
  stop: AbortSignal,
): Promise<Scaled | Refused> => {
  const inTime = AbortSignal.any([stop, deps.timeLimit(stepMs)]);
  const { refusal, going, staying, pool } = await retireVictims(deps, chosen, inTime);
  const outcome = refusal
    ? { done: refusal, stayed: [], pool }
    : await removeRetired(deps, { victims: going, pool, before }, inTime);
  const leaving = going.filter((id) => !outcome.stayed.includes(id));
  await keepVictims(deps, { staying: [...staying, ...outcome.stayed], leaving, pool: outcome.pool }, stop);
  return outcome.done;
};
