/** One answer as a stream of server-sent events (WHATWG HTML, "Server-sent events"). */
import type { ServerResponse } from 'node:http';
import type { EventView } from '../event-view.ts';

export interface EventStream {
  /** `full`: the client is slow; `onRoom` tells when there is room again. */
  write(events: readonly EventView[]): 'more' | 'full';
  end(): void;
}

export interface EventStreamOptions {
  onRoom: () => void;
  /** The client has gone, or was too slow for too long. */
  onClose: () => void;
  keepAliveMs?: number;
  stallMs?: number;
}

const eventStreamType = 'text/event-stream; charset=utf-8';

/** Clients that use the browser's EventSource wait this long before they come back. */
const reconnectMs = 1_000;

const frame = ({ id, event, data }: EventView): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** What stands before the events. Not sent yet. */
export const describeEventStream = (res: ServerResponse): void => {
  res.statusCode = 200;
  res.setHeader('content-type', eventStreamType);
  res.setHeader('cache-control', 'no-cache, no-transform');
  // nginx would keep it back until its buffer is full.
  res.setHeader('x-accel-buffering', 'no');
};

/** Sends the head of the answer at once. */
export const openEventStream = (res: ServerResponse, options: EventStreamOptions): EventStream => {
  const { keepAliveMs = 15_000, stallMs = 30_000 } = options;
  describeEventStream(res);
  res.write(`retry: ${reconnectMs}\n\n`);

  let stalled: NodeJS.Timeout | undefined;
  const room = (): void => {
    clearTimeout(stalled);
    stalled = undefined;
    options.onRoom();
  };
  const stall = (): void => {
    if (stalled) return;
    stalled = setTimeout(() => res.destroy(), stallMs);
    res.once('drain', room);
  };
  const keepAlive = setInterval(() => {
    if (!stalled && !res.write(': keep-alive\n\n')) stall();
  }, keepAliveMs);
  res.once('close', () => {
    clearInterval(keepAlive);
    clearTimeout(stalled);
    options.onClose();
  });

  return {
    write: (events) => {
      if (res.destroyed || res.writableEnded) return 'full';
      if (res.write(events.map(frame).join(''))) return 'more';
      stall();
      return 'full';
    },
    end: () => {
      clearInterval(keepAlive);
      res.end();
    },
  };
};
