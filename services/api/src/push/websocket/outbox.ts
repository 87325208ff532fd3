/** What goes out on one WebSocket. It says when the client is behind, when it has caught up, and when it is too slow. */
import type { WebSocket } from 'ws';
import type { SocketLimits } from './socket-limits.ts';

export interface Outbox {
  /** Does nothing once the connection is closing. */
  send: (frame: string) => void;
  isFull: () => boolean;
  /** Resolves when there is room, or when it is over. */
  room: () => Promise<void>;
  /** The connection is gone. */
  over: () => void;
}

export interface OutboxOptions {
  limits: Pick<SocketLimits, 'fullBytes' | 'roomBytes' | 'hardBytes' | 'stallMs'>;
  onRoom: () => void;
  /** May be told more than once. */
  onSlow: () => void;
}

export const createOutbox = (ws: WebSocket, { limits, onRoom, onSlow }: OutboxOptions): Outbox => {
  /** There while it is full. */
  let strain: { room: PromiseWithResolvers<void>; timer: NodeJS.Timeout } | undefined;

  const relax = (): void => {
    clearTimeout(strain?.timer);
    strain?.room.resolve();
    strain = undefined;
  };

  const onWritten = (): void => {
    if (!strain || ws.bufferedAmount > limits.roomBytes || ws.readyState !== ws.OPEN) return;
    relax();
    onRoom();
  };

  const weigh = (): void => {
    if (ws.bufferedAmount > limits.hardBytes) onSlow();
    if (strain || ws.bufferedAmount <= limits.fullBytes) return;
    strain = { room: Promise.withResolvers(), timer: setTimeout(onSlow, limits.stallMs) };
  };

  return {
    send: (frame) => {
      if (ws.readyState !== ws.OPEN) return;
      ws.send(frame, onWritten);
      weigh();
    },
    isFull: () => strain !== undefined,
    room: async () => strain?.room.promise,
    over: relax,
  };
};
