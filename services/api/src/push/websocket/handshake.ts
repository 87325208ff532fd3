/** The opening of a WebSocket (RFC 6455, section 4.2): what has to be right before the connection becomes one. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '@factorial/core/errors/app-error';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Upgrade } from '../../http/upgrades.ts';

export const asksForWebSocket = (req: IncomingMessage): boolean =>
  req.method === 'GET' && req.headers.upgrade?.toLowerCase() === 'websocket';

const isSameHost = (origin: string, host: string): boolean => {
  try {
    const page = new URL(origin);
    // The page's scheme leaves its default port out of both.
    return page.host !== '' && page.host === new URL(`${page.protocol}//${host}`).host;
  } catch {
    return false;
  }
};

/** Browsers tell whose page opens it, and let every page try. @throws AppError `foreign-origin`. */
export const requireSameOrigin = ({ headers: { origin, host = '' } }: IncomingMessage): void => {
  if (origin === undefined || isSameHost(origin, host)) return;
  throw new AppError(
    'foreign-origin',
    'A WebSocket is opened by pages of this host, or outside of browsers.',
  );
};

/**
 * Answers with 101.
 * @returns undefined when the client has gone meanwhile.
 * @throws AppError `invalid-request`.
 */
export const shakeHands = (
  server: WebSocketServer,
  req: IncomingMessage,
  { upgrade: { socket, head }, requestId }: { upgrade: Upgrade; requestId: string },
): WebSocket | undefined => {
  const outcome: { opened?: WebSocket; refused?: Error } = {};
  const addRequestId = (headers: string[]): void => void headers.push(`x-request-id: ${requestId}`);
  const onRefused = (error: Error): void => {
    outcome.refused = error;
  };
  // All of it happens within the call.
  server.on('headers', addRequestId).on('wsClientError', onRefused);
  server.handleUpgrade(req, socket, head, (ws) => {
    outcome.opened = ws;
  });
  server.off('headers', addRequestId).off('wsClientError', onRefused);
  const { opened, refused } = outcome;
  if (refused) throw new AppError('invalid-request', `This opens no WebSocket: ${refused.message}.`);
  return opened;
};
