/** The queue as it is, asked for every 2 s, and what was seen of it since the page was opened. */
import { useCallback, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/api-error.ts';
import type { Pool } from '../api/schemas.ts';
import { useApi } from '../session/session-context.ts';
import { usePolling } from '../ui/use-polling.ts';
import { fromPool, type Sample } from './samples.ts';

const everyMs = 2_000;
/** An hour of them. */
const mostSeen = 1_800;

export interface Pools {
  /** Undefined until the first answer. */
  pools: readonly Pool[] | undefined;
  seen: ReadonlyMap<string, readonly Sample[]>;
  /** When it was asked last, in ms. */
  nowMs: number;
  error: ApiError | undefined;
  reload: () => void;
}

const addSeen = (seen: Pools['seen'], pools: readonly Pool[], nowMs: number): Pools['seen'] =>
  new Map(
    pools.map((pool) => [
      pool.pool,
      [...(seen.get(pool.pool) ?? []), fromPool(pool, nowMs)].slice(-mostSeen),
    ]),
  );

type State = Omit<Pools, 'reload'>;

export const usePools = (): Pools => {
  const api = useApi();
  const [state, setState] = useState<State>(() => ({
    pools: undefined,
    seen: new Map(),
    nowMs: Date.now(),
    error: undefined,
  }));
  const load = useCallback(
    async (signal?: AbortSignal) => {
      try {
        const pools = await api.queue(signal);
        const nowMs = Date.now();
        setState(({ seen }) => ({ pools, nowMs, seen: addSeen(seen, pools, nowMs), error: undefined }));
      } catch (thrown) {
        if (signal?.aborted !== true) setState((before) => ({ ...before, error: asApiError(thrown) }));
      }
    },
    [api],
  );
  usePolling(load, everyMs);
  return { ...state, reload: useCallback(() => void load(), [load]) };
};
