/** What the api has kept of a pool's last minutes. */
import { useCallback, useState } from 'preact/hooks';
import { asApiError } from '../api/api-error.ts';
import { useApi } from '../session/session-context.ts';
import { usePolling } from '../ui/use-polling.ts';
import { fromHistory, type Sample } from './samples.ts';

export interface History {
  samples: readonly Sample[];
  /** Why there is nothing, where that is not plain. */
  fault: string | undefined;
  /** Points further apart are not joined. */
  gapMs: number;
}

/** What happened while the page was in the background is in it. */
const everyMs = 60_000;
/** Of what the page sees by itself, every 2 s. */
const usualGapMs = 15_000;
/** So many steps may be missing before the line is broken. */
const missing = 3;

export const useHistory = (pool: string, minutes: number): History => {
  const api = useApi();
  const [history, setHistory] = useState<History>({ samples: [], fault: undefined, gapMs: usualGapMs });
  const load = useCallback(
    async (signal: AbortSignal) => {
      try {
        const answer = await api.history(pool, minutes, signal);
        const gapMs = Math.max(usualGapMs, missing * answer.stepSeconds * 1_000);
        setHistory({ samples: fromHistory(answer), fault: undefined, gapMs });
      } catch (thrown) {
        if (!signal.aborted) setHistory((before) => ({ ...before, fault: asApiError(thrown).title }));
      }
    },
    [api, pool, minutes],
  );
  usePolling(load, everyMs);
  return history;
};
