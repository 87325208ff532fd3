/** Asks chosen workers to take no further job, and finds out which of them may really go. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import type { InternalApi } from './internal-api.ts';
import type { Marking, ScaleTarget } from './targets/scale-target.ts';

/** The first look after 1.5 s: a worker hears of it with its next beat, and a ReplicaSet's controller reads a cache (kubernetes#126138 failed at 0.6 s). */
const looksAfterMs = [1_500, 1_000, 1_000] as const;
/** From the last change of a mark to the change of the number, for that same cache. */
const settleMs = 1_500;
/** A scaler that dies leaves no worker idle for longer. */
const drainSeconds = 60;
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

export type Retired = { ok: true; victims: readonly string[] } | { ok: false; reason: string };

type Verdict = 'may-go' | 'stays' | 'open';

/** A worker may go once it has said itself that it drains and has no job: until then it may just be taking one. */
const judge = (worker: PoolReport['workers'][number] | undefined): Verdict => {
  if (!worker) return 'open';
  if (worker.busy > 0) return 'stays';
  return worker.state === 'draining' ? 'may-go' : 'open';
};

interface Look {
  pool: PoolReport;
  verdicts: readonly { id: string; verdict: Verdict }[];
}

/** One that ended by itself after it had drained is as good as let go. */
const look = async (
  { api, target }: RetireVictimsDeps,
  open: readonly string[],
  stop: AbortSignal,
): Promise<Look | undefined> => {
  const [pool, state] = await Promise.all([api.readPool(stop), target.read(stop)]);
  if (!pool.ok || !state.ok) return undefined;
  const verdicts = open.map((id) => {
    const runs = state.value.workers.some((worker) => worker.id === id);
    const verdict = runs ? judge(pool.value.workers.find((worker) => worker.id === id)) : 'may-go';
    return { id, verdict } as const;
  });
  return { pool: pool.value, verdicts };
};

/** @returns those that may go, and the last report that was seen. */
const watch = async (deps: RetireVictimsDeps, chosen: Chosen, stop: AbortSignal): Promise<Chosen> => {
  const going: string[] = [];
  let { pool, victims: open } = chosen;
  for (const ms of looksAfterMs) {
    if (open.length === 0 || !(await deps.sleep(ms, stop))) break;
    const seen = await look(deps, open, stop);
    if (!seen) continue;
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

/** Those that stay shall work again at once. When this fails the request lapses by itself. */
const takeBack = async (deps: RetireVictimsDeps, workers: readonly string[], stop: AbortSignal) => {
  if (workers.length > 0) await deps.api.drain({ workers, ttlSeconds: takeBackSeconds }, stop);
};

/** Nobody goes after all: takes back what was asked of them, and their marks. */
export const keepVictims = async (
  deps: RetireVictimsDeps,
  { victims, pool }: Chosen,
  stop: AbortSignal,
): Promise<void> => {
  await takeBack(deps, victims, stop);
  await deps.target.markVictims(markingOf({ victims: [], pool }), stop);
};

/** After a mark was taken off, the number may change only when everybody has seen that, and nobody else has taken a job by then. */
const settle = async (
  deps: RetireVictimsDeps,
  going: Chosen,
  stop: AbortSignal,
): Promise<readonly string[]> => {
  const marked = await deps.target.markVictims(markingOf(going), stop);
  const waited = marked.ok && going.victims.length > 0 && (await deps.sleep(settleMs, stop));
  const seen = waited ? await look(deps, going.victims, stop) : undefined;
  if (seen?.verdicts.every(({ verdict }) => verdict === 'may-go')) return going.victims;
  if (going.victims.length > 0) await keepVictims(deps, going, stop);
  return [];
};

/** @returns those of the chosen that may be stopped now: drained, idle, and marked at the target for long enough. */
export const retireVictims = async (
  deps: RetireVictimsDeps,
  chosen: Chosen,
  stop: AbortSignal,
): Promise<Retired> => {
  const asked = await deps.api.drain({ workers: chosen.victims, ttlSeconds: drainSeconds }, stop);
  if (!asked.ok) return { ok: false, reason: `drain: ${asked.reason}` };
  const told = chosen.victims.filter((id) => asked.value.includes(id));
  const marked = await deps.target.markVictims(markingOf({ ...chosen, victims: told }), stop);
  if (!marked.ok) {
    await takeBack(deps, chosen.victims, stop);
    return { ok: false, reason: `mark: ${marked.reason}` };
  }
  const going = await watch(deps, { ...chosen, victims: told }, stop);
  const staying = chosen.victims.filter((id) => !going.victims.includes(id));
  await takeBack(deps, staying, stop);
  const settled = going.victims.length === told.length;
  return { ok: true, victims: settled ? going.victims : await settle(deps, going, stop) };
};
