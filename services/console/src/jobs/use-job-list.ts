/** A page of one's own jobs, kept up to date: by events where the socket is there, by asking where it is not, and by asking now and then in any case. */
import { isFinal } from '@factorial/core/jobs/job-status';
import { useCallback, useEffect, useReducer, useRef } from 'preact/hooks';
import { asApiError } from '../api/api-error.ts';
import { changesState } from '../api/job-events.ts';
import { createJobSocket, type JobSocket } from '../api/job-socket.ts';
import type { JobFilter } from '../routing/route.ts';
import { useApi } from '../session/session-context.ts';
import { useLatest } from '../ui/use-latest.ts';
import { usePolling } from '../ui/use-polling.ts';
import { emptyList, type ListState, reduceList } from './list-state.ts';

/** Jobs a page. */
const pageSize = 25;
/** While events come: for places in the queue, estimates, and jobs submitted elsewhere. */
const liveEveryMs = 5_000;
export const awayEverySeconds = 3;
/** Many events at once, such as all of a batch that starts, are one reading. */
const settleMs = 300;

const openSocket = (ticket: string): WebSocket => {
  const url = new URL('/v1/ws', globalThis.location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.searchParams.set('ticket', ticket);
  return new WebSocket(url);
};

export interface JobList extends ListState {
  reload: () => void;
}

export const useJobList = ({ status, task }: JobFilter, pageToken: string | undefined): JobList => {
  const api = useApi();
  const [state, dispatch] = useReducer(reduceList, emptyList);
  const reading = useRef<AbortController | undefined>(undefined);
  const socket = useRef<JobSocket | undefined>(undefined);

  /** A later one takes the place of one under way. */
  const load = useCallback(async () => {
    reading.current?.abort();
    const own = new AbortController();
    reading.current = own;
    try {
      const page = await api.jobs({ status, task, pageToken, pageSize }, own.signal);
      if (own.signal.aborted) return;
      dispatch({ type: 'read', page });
      socket.current?.watch(page.jobs.filter((job) => !isFinal(job.status)).map(({ id }) => id));
    } catch (thrown) {
      if (!own.signal.aborted) dispatch({ type: 'failed', error: asApiError(thrown) });
    }
  }, [api, status, task, pageToken]);
  const latestLoad = useLatest(load);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const readSoon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void latestLoad.current();
      }, settleMs);
    };
    const opened = createJobSocket({
      ticket: api.streamTicket,
      open: openSocket,
      random: Math.random,
      onEvent: (id, event) => {
        dispatch({ type: 'event', id, event });
        if (changesState(event)) readSoon();
      },
      onState: (connection) => dispatch({ type: 'connection', connection }),
    });
    socket.current = opened;
    return () => {
      clearTimeout(timer);
      opened.close();
      reading.current?.abort();
    };
  }, [api, latestLoad]);

  // The pause is another one when the connection comes or goes, so the list is read again then: what happened in between was told to nobody.
  usePolling(load, state.connection === 'live' ? liveEveryMs : awayEverySeconds * 1_000);
  const reload = useCallback(() => void load(), [load]);
  return { ...state, reload };
};
