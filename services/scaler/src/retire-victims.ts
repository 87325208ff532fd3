/** Asks chosen workers to take no further job, and finds out which of them may really go. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import type { InternalApi } from './internal-api.ts';
import { refused, type Refused } from './take-step.ts';
import type { Marking, ScaleTarget, TargetState } from './targets/scale-target.ts';

/** The first look after 1.5 s: a worker hears of it with its next beat, and a ReplicaSet's controller reads a cache (kubernetes#126138 failed at 0.6 s). */
const looksAfterMs = [1_500, 1_000, 1_000] as const;
/** From the last change of a mark to the change of the number, for that same cache. */
const settleMs = 1_500;
/** A scaler that dies leaves no worker idle for longer. */
export const drainSeconds = 60;
/** Takes an earlier request back, from those too that are busy by now. */
const takeBackSeconds = 0;

export interface RetireVictimsDeps {
  api: InternalApi;
  target: ScaleTarget;
  /** @returns false when it was cut short. */
  sleep: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

export interface Chosen {
  victims: readonly string[];
  /** The report they were chosen from. */
  pool: PoolReport;
}

export interface Retired {
  /** Drained, idle, and marked at the target for long enough. */
  going: readonly string[];
  /** Were asked, and cannot go now. */
  staying: readonly string[];
  /** The last report that was seen. */
  pool: PoolReport;
  /** Why nobody goes. */
  refusal?: Refused;
}

type Verdict = 'may-go' | 'stays' | 'open';

interface Sight {
  pool: PoolReport;
  target: TargetState;
}

/**
 * A worker may go once it has said itself that it drains and has no job: until then it may just be taking one. One that ended by
 * itself after it had drained is as good as let go; one that merely is not ready has not ended.
 */
const judge = (id: string, { pool, target }: Sight): Verdict => {
  const worker = pool.workers.find((known) => known.id === id);
  if (worker && worker.busy > 0) return 'stays';
  if (worker?.state === 'draining') return 'may-go';
  return target.present.includes(id) ? 'open' : 'may-go';
};

type Look =
  | ({ ok: true; verdicts: readonly { id: string; verdict: Verdict }[] } & Sight)
  | { ok: false; reason: string };

/** Reads the pool and the target once more, and judges by both. */
export const lookAt = async (
  { api, target }: RetireVictimsDeps,
  victims: readonly string[],
  stop: AbortSignal,
): Promise<Look> => {
  const [pool, state] = await Promise.all([api.readPool(stop), target.read(stop)]);
  if (!state.ok) return state;
  if (!pool.ok) return pool;
  const sight = { pool: pool.value, target: state.value };
  return { ok: true, ...sight, verdicts: victims.map((id) => ({ id, verdict: judge(id, sight) })) };
};

/** @returns those that may go, and the last report that was seen. */
const watch = async (deps: RetireVictimsDeps, chosen: Chosen, stop: AbortSignal): Promise<Chosen> => {
  const going: string[] = [];
  let { pool, victims: open } = chosen;
  for (const ms of looksAfterMs) {
    if (open.length === 0 || !(await deps.sleep(ms, stop))) break;
    const seen = await lookAt(deps, open, stop);
    if (!seen.ok) continue;
    ({ pool } = seen);
    going.push(...seen.verdicts.filter(({ verdict }) => verdict === 'may-go').map(({ id }) => id));
    open = seen.verdicts.filter(({ verdict }) => verdict === 'open').map(({ id }) => id);
  }
  return { victims: going, pool };
};

const markingOf = ({ victims, pool }: Chosen): Marking => ({
  victims,
  busy: pool.workers
    .filter(({ busy }) => busy > 0)
    .map(({ id, runningMs }) => ({ id, runningSeconds: runningMs / 1_000 })),
});

export interface Kept {
  staying: readonly string[];
  /** Those whose marks are left as they are. */
  leaving: readonly string[];
  pool: PoolReport;
}

/** Those that stay work again at once, and lose their marks. Where this fails, the request lapses by itself. */
export const keepVictims = async (
  deps: RetireVictimsDeps,
  { staying, leaving, pool }: Kept,
  stop: AbortSignal,
): Promise<void> => {
  if (staying.length === 0) return;
  await deps.api.drain({ workers: staying, ttlSeconds: takeBackSeconds }, stop);
  await deps.target.markVictims(markingOf({ victims: leaving, pool }), stop);
};

/** After a mark was taken off, the number may change only when everybody has seen that. */
const settle = async (deps: RetireVictimsDeps, going: Chosen, stop: AbortSignal): Promise<boolean> => {
  const marked = await deps.target.markVictims(markingOf(going), stop);
  return marked.ok && (await deps.sleep(settleMs, stop));
};

/** Takes nothing back of what it has asked for: that is to be done for those that stay, whenever it turns out that they do. */
export const retireVictims = async (
  deps: RetireVictimsDeps,
  { victims, pool: known }: Chosen,
  stop: AbortSignal,
): Promise<Retired> => {
  const nobody = { going: [], staying: victims, pool: known };
  const asked = await deps.api.drain({ workers: victims, ttlSeconds: drainSeconds }, stop);
  if (!asked.ok) return { ...nobody, staying: [], refusal: refused('not-asked', `drain: ${asked.reason}`) };
  const told = victims.filter((id) => asked.value.includes(id));
  const marked = await deps.target.markVictims(markingOf({ victims: told, pool: known }), stop);
  if (!marked.ok) return { ...nobody, refusal: refused('not-marked', `mark: ${marked.reason}`) };
  const going = await watch(deps, { victims: told, pool: known }, stop);
  const { pool, victims: drained } = going;
  if (drained.length > 0 && (drained.length === told.length || (await settle(deps, going, stop))))
    return { going: drained, staying: victims.filter((id) => !drained.includes(id)), pool };
  return { ...nobody, pool, refusal: refused('not-drained', 'no victim has drained in time') };
};
