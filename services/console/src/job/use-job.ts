/** One job, followed: its view as the api tells it, and the story of its events. */
import { isFinal } from '@factorial/core/jobs/job-status';
import { useCallback, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { asApiError } from '../api/api-error.ts';
import { followJob } from '../api/follow-job.ts';
import { changesState } from '../api/job-events.ts';
import type { Job } from '../api/schemas.ts';
import { useApi } from '../session/session-context.ts';
import { useLatest } from '../ui/use-latest.ts';
import { usePolling } from '../ui/use-polling.ts';
import { emptyJobState, type JobState, reduceJob } from './job-state.ts';

/** While events come: for the place in the queue and the estimate. */
const liveEveryMs = 4_000;
export const awayEverySeconds = 3;
/** A job that has ended changes when somebody retries it elsewhere, or when it expires. */
const finalEveryMs = 30_000;
/** Events that come together are one reading. */
const settleMs = 150;
const settledMs = 1_500;

export interface FollowedJob extends JobState {
  reload: () => void;
  /** Takes what an action has answered, and follows the job on where it goes on. */
  take: (job: Job) => void;
}

const everyMs = ({ job, stream }: JobState): number => {
  if (job !== undefined && isFinal(job.status)) return finalEveryMs;
  return stream === 'live' ? liveEveryMs : awayEverySeconds * 1_000;
};

export const useJob = (id: string): FollowedJob => {
  const api = useApi();
  const [state, dispatch] = useReducer(reduceJob, emptyJobState);
  /** Goes up when an ended job lives again. */
  const [life, setLife] = useState(0);
  const lastEventId = useLatest(state.story.lastEventId);
  const reading = useRef<AbortController | undefined>(undefined);

  const load = useCallback(async () => {
    reading.current?.abort();
    const own = new AbortController();
    reading.current = own;
    try {
      const job = await api.job(id, own.signal);
      if (!own.signal.aborted) dispatch({ type: 'read', job });
    } catch (thrown) {
      if (!own.signal.aborted) dispatch({ type: 'failed', error: asApiError(thrown) });
    }
  }, [api, id]);

  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const readSoon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void load();
      }, settleMs);
    };
    void followJob(
      { request: api.request, random: Math.random },
      {
        id,
        after: lastEventId.current,
        onEvent: (event, eventId) => {
          dispatch({ type: 'told', told: { event, eventId } });
          if (changesState(event)) readSoon();
        },
        onState: (stream) => dispatch({ type: 'stream', stream }),
        signal: ending.signal,
      },
    );
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [api, id, life, load, lastEventId]);

  useEffect(() => () => reading.current?.abort(), []);
  usePolling(load, everyMs(state));

  const isAlive = state.job !== undefined && !isFinal(state.job.status);
  const hasEnded = state.stream === 'ended';
  useEffect(() => {
    if (!isAlive || !hasEnded) return undefined;
    // Sent again by somebody else: the stream that ended knows nothing of that. Not at once: a reading may be older than the stream's end.
    const timer = setTimeout(() => setLife((before) => before + 1), settledMs);
    return () => clearTimeout(timer);
  }, [isAlive, hasEnded]);

  const take = useCallback((job: Job) => {
    dispatch({ type: 'read', job });
    setLife((before) => before + 1);
  }, []);

  return {
    ...state,
    reload: useCallback(() => void load(), [load]),
    take,
  };
};
