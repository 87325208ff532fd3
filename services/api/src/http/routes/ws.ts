/** GET /v1/ws: a WebSocket that follows many jobs. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '@factorial/core/errors/app-error';
import type { WebSockets } from '../../push/websocket/web-sockets.ts';
import { asksForWebSocket } from '../../push/websocket/handshake.ts';
import type { GuardedExchange, GuardedRoute } from '../route.ts';
import type { Upgrades } from '../upgrades.ts';

export interface WebSocketRouteDeps {
  webSockets: Pick<WebSockets, 'open'>;
  upgrades: Pick<Upgrades, 'of'>;
}

const path = '/v1/ws';

/** Whether a request is for this route to upgrade; all others are answered as if they had not asked. */
export const isForWebSocket = (req: IncomingMessage): boolean =>
  asksForWebSocket(req) && req.url?.split('?', 1)[0] === path;

const handle =
  ({ webSockets, upgrades }: WebSocketRouteDeps) =>
  (exchange: GuardedExchange): void => {
    const { req, res } = exchange;
    const upgrade = upgrades.of(req);
    if (upgrade === undefined || req.headers['sec-websocket-version'] !== '13') {
      res
        .setHeader('upgrade', 'websocket')
        .setHeader('connection', 'upgrade')
        .setHeader('sec-websocket-version', '13');
      throw new AppError('upgrade-required', 'Open this as a WebSocket, with version 13 of its protocol.');
    }
    webSockets.open(exchange, upgrade);
  };

export const createWebSocketRoutes = (deps: WebSocketRouteDeps): GuardedRoute[] => [
  {
    method: 'get',
    path,
    scope: 'jobs:read',
    ticket: true,
    handle: handle(deps),
    doc: {
      summary: 'Follow many jobs on one WebSocket',
      responses: {
        101: {
          description:
            'A WebSocket. The client says `{"subscribe": ["<job id>" or {"id": "<job id>", "after": "<event id>"}, …]}` and `{"unsubscribe": ["<job id>", …]}`; ' +
            'the server answers `{"subscribed": […]}` and `{"unsubscribed": […]}`, tells `{"job": "<job id>", "id": "<event id>", "event": "progress", "data": {…}}` ' +
            'with the events of GET /v1/jobs/{id}/events, and faults as `{"error": {status, code, title, detail}, "job"?: "<job id>"}`.',
        },
        426: { description: 'It was not asked for as a WebSocket.', mediaType: 'application/problem+json' },
      },
    },
  },
];
