/** Asks chosen workers to take no further job, and finds out which of them may really go. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import type { InternalApi } from './internal-api.ts';
import type { ScaleTarget } from './targets/scale-target.ts';

/** The first look after 1.5 s: a worker hears of it with its next beat, and a ReplicaSet's controller reads a cache (kubernetes#126138 failed at 0.6 s). */
const looksAfterMs = [1_500, 1_000, 1_000] as const;
/** A scaler that dies leaves no worker idle for longer. */
const drainSeconds = 60;
/** Overwrites a request that is to be taken back. */
const takeBackSeconds = 1;

export interface RetireVictimsDeps {
  api: InternalApi;
  target: ScaleTarget;
  /** @returns false when it was cut short. */
  sleep: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

export type Retired = { ok: true; victims: readonly string[] } | { ok: false; reason: string };

type Verdict = 'may-go' | 'stays' | 'open';

/** A worker may go once it has said itself that it drains and has no job: until then it may just be taking one. */
const judge = (worker: PoolReport['workers'][number] | undefined): Verdict => {
  if (!worker) return 'open';
  if (worker.busy > 0) return 'stays';
  return worker.state === 'draining' ? 'may-go' : 'open';
};

/** One that ended by itself after it had drained is as good as let go. */
const look = async ({ api, target }: RetireVictimsDeps, open: readonly string[], stop: AbortSignal) => {
  const [pool, state] = await Promise.all([api.readPool(stop), target.read()]);
  if (!pool.ok || !state.ok) return undefined;
  return open.map((id) => {
    const runs = state.value.workers.some((worker) => worker.id === id);
    const verdict = runs ? judge(pool.value.workers.find((worker) => worker.id === id)) : 'may-go';
    return { id, verdict };
  });
};

const watch = async (
  deps: RetireVictimsDeps,
  victims: readonly string[],
  stop: AbortSignal,
): Promise<string[]> => {
  const going: string[] = [];
  let open = victims;
  for (const ms of looksAfterMs) {
    if (open.length === 0 || !(await deps.sleep(ms, stop))) break;
    const seen = (await look(deps, open, stop)) ?? [];
    going.push(...seen.filter(({ verdict }) => verdict === 'may-go').map(({ id }) => id));
    const closed = new Set(seen.filter(({ verdict }) => verdict !== 'open').map(({ id }) => id));
    open = open.filter((id) => !closed.has(id));
  }
  return going;
};

/** Those that stay shall work again at once. When this fails the request lapses by itself. */
const takeBack = async (
  deps: RetireVictimsDeps,
  workers: readonly string[],
  stop: AbortSignal,
): Promise<void> => {
  if (workers.length > 0) await deps.api.drain({ workers, ttlSeconds: takeBackSeconds }, stop);
};

/** @returns those of the chosen that may be stopped now: drained, idle, and marked at the target. */
export const retireVictims = async (
  deps: RetireVictimsDeps,
  chosen: readonly string[],
  stop: AbortSignal,
): Promise<Retired> => {
  const asked = await deps.api.drain({ workers: chosen, ttlSeconds: drainSeconds }, stop);
  if (!asked.ok) return { ok: false, reason: asked.reason };
  const told = chosen.filter((id) => asked.value.includes(id));
  await deps.target.markVictims(told);
  const victims = await watch(deps, told, stop);
  await takeBack(
    deps,
    chosen.filter((id) => !victims.includes(id)),
    stop,
  );
  await deps.target.markVictims(victims);
  return { ok: true, victims };
};
