/** Events of many jobs over one WebSocket, which is opened anew whenever it breaks. */
import * as z from 'zod/mini';
import { isFinalEvent, type JobEvent, parseJobEvent } from './job-events.ts';
import { pause } from './pause.ts';
import { reconnectDelayMs } from './reconnect-delay.ts';

/** `away`: it is tried again after a while. */
export type SocketState = 'connecting' | 'live' | 'away';

export interface JobSocketDeps {
  /** Good for one connection. */
  ticket: () => Promise<string>;
  open: (ticket: string) => WebSocket;
  random: () => number;
  onEvent: (jobId: string, event: JobEvent) => void;
  onState: (state: SocketState) => void;
}

export interface JobSocket {
  /** Follow these jobs, and no others any more. */
  watch(ids: readonly string[]): void;
  close(): void;
}

const eventFrame = z.object({ job: z.string(), id: z.string(), event: z.string(), data: z.unknown() });

/** An id alone, or with the event after which to go on. */
type Wish = string | { id: string; after: string };

/** The most subscriptions that one frame asks for. */
const mostPerFrame = 200;

const openMs = 10_000;

const parseFrame = (data: unknown): z.output<typeof eventFrame> | undefined => {
  if (typeof data !== 'string') return undefined;
  try {
    return eventFrame.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
};

/** Resolves when it is open, to whether it is. */
const opened = async (socket: WebSocket, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const settle = (open: boolean) => (): void => resolve(open);
    socket.addEventListener('open', settle(true), { once: true });
    socket.addEventListener('close', settle(false), { once: true });
    signal.addEventListener('abort', settle(false), { once: true });
  });

const closed = async (socket: WebSocket, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => resolve();
    socket.addEventListener('close', settle, { once: true });
    signal.addEventListener('abort', settle, { once: true });
    if (socket.readyState >= WebSocket.CLOSING) resolve();
  });

/** A browser complains of one that is closed before it is open. */
const closeOnceOpen = (socket: WebSocket): void => {
  if (socket.readyState !== WebSocket.CONNECTING) socket.close();
  else socket.addEventListener('open', () => socket.close(), { once: true });
};

export const createJobSocket = (deps: JobSocketDeps): JobSocket => {
  const { onEvent, onState } = deps;
  const ending = new AbortController();
  const lastEvents = new Map<string, string>();
  let wanted = new Set<string>();
  let subscribed = new Set<string>();
  let current: WebSocket | undefined;

  const send = (frame: object): void => current?.send(JSON.stringify(frame));

  const wishFor = (id: string): Wish => {
    const after = lastEvents.get(id);
    return after === undefined ? id : { id, after };
  };

  /** Asks for what is wanted and not subscribed, and the other way round. */
  const settle = (): void => {
    if (current === undefined) return;
    const missing = [...wanted].filter((id) => !subscribed.has(id));
    const surplus = [...subscribed].filter((id) => !wanted.has(id));
    subscribed = new Set(wanted);
    for (let from = 0; from < missing.length; from += mostPerFrame) {
      send({ subscribe: missing.slice(from, from + mostPerFrame).map(wishFor) });
    }
    if (surplus.length > 0) send({ unsubscribe: surplus });
  };

  const take = ({ data }: MessageEvent<unknown>): void => {
    const frame = parseFrame(data);
    if (frame === undefined) return;
    lastEvents.set(frame.job, frame.id);
    const event = parseJobEvent(frame.event, frame.data);
    if (event === undefined) return;
    // The server ends a subscription with the final event. Whoever retries the job asks for it again.
    if (isFinalEvent(event)) subscribed.delete(frame.job);
    onEvent(frame.job, event);
  };

  /** @returns whether there was a connection. */
  const connectOnce = async (): Promise<boolean> => {
    const ticket = await deps.ticket();
    // Whoever wanted it may have left the page.
    if (ending.signal.aborted) return false;
    const socket = deps.open(ticket);
    const limit = AbortSignal.any([ending.signal, AbortSignal.timeout(openMs)]);
    const isOpen = await opened(socket, limit);
    if (isOpen) {
      current = socket;
      subscribed = new Set();
      socket.addEventListener('message', take);
      onState('live');
      settle();
      await closed(socket, ending.signal);
    }
    current = undefined;
    if (ending.signal.aborted) closeOnceOpen(socket);
    else socket.close();
    return isOpen;
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    onState('connecting');
    while (!ending.signal.aborted) {
      const worked = await connectOnce().catch(() => false);
      if (ending.signal.aborted) return;
      failures = worked ? 1 : failures + 1;
      onState('away');
      await pause(reconnectDelayMs(failures, deps.random), ending.signal);
    }
  };
  void run();

  return {
    watch: (ids) => {
      wanted = new Set(ids);
      for (const id of lastEvents.keys()) if (!wanted.has(id)) lastEvents.delete(id);
      settle();
    },
    close: () => ending.abort(),
  };
};
