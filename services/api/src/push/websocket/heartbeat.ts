/** Finds out that a client has gone without a word, and keeps proxies from taking a quiet connection for a dead one. */
import type { WebSocket } from 'ws';

export interface HeartbeatOptions {
  everyMs: number;
  /** The answer to a ping would stand behind what the client has yet to read: the outbox judges it then. */
  isFull: () => boolean;
}

/** @returns what ends it. */
export const startHeartbeat = (ws: WebSocket, { everyMs, isFull }: HeartbeatOptions): (() => void) => {
  let isHeard = true;
  const hear = (): void => {
    isHeard = true;
  };
  ws.on('pong', hear).on('ping', hear).on('message', hear);
  const timer = setInterval(() => {
    // Nor does it tell of the client what it has said while we did not listen.
    if (isFull() || ws.isPaused) {
      hear();
    } else if (isHeard) {
      isHeard = false;
      ws.ping();
    } else {
      ws.terminate();
    }
  }, everyMs);
  return () => clearInterval(timer);
};
