/** The WebSockets of this process: opens them, knows those that are open, and closes them all when it stops. */
import { AppError } from '@factorial/core/errors/app-error';
import { type WebSocket, WebSocketServer } from 'ws';
import { requestIdOf } from '../../http/middleware/request-context.ts';
import type { GuardedExchange } from '../../http/route.ts';
import { handOver, type Upgrade } from '../../http/upgrades.ts';
import { createGate } from '../gate.ts';
import type { OpenStreams } from '../open-streams.ts';
import { createPlaces } from '../places.ts';
import { closeCodes } from './close-codes.ts';
import { requireSameOrigin, shakeHands } from './handshake.ts';
import { openSession, type Session, type SessionDeps } from './session.ts';

export interface WebSocketsDeps extends Omit<SessionDeps, 'followed'> {
  streams: Pick<OpenStreams, 'open'>;
}

export interface WebSockets {
  /** Makes the connection of a request one. @throws AppError when it may not become one. */
  open: (exchange: GuardedExchange, upgrade: Upgrade) => void;
  /** Closes them all, and opens no more: the process stops. */
  release: () => void;
}

const createServer = ({ limits }: Pick<SessionDeps, 'limits'>): WebSocketServer => {
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxFrameBytes,
    // Not among the types yet.
    maxFragments: limits.maxFragments,
    maxBufferedChunks: limits.maxPieces,
    closeTimeout: limits.closeMs,
  };
  return new WebSocketServer(options);
};

/** Questions to Redis at a time, of all WebSockets together. */
const maxQuestions = 256;

/** What WebSockets ask of Redis when they are opened, which may be all at once: another replica has ended. */
const inTurns = ({ find, log }: Pick<SessionDeps, 'find' | 'log'>): Pick<SessionDeps, 'find' | 'log'> => {
  const gate = createGate(maxQuestions);
  return {
    find: async (caller, id) => gate(async () => find(caller, id)),
    log: {
      read: async (id, after, limit) => gate(async () => log.read(id, after, limit)),
      last: async (id) => gate(async () => log.last(id)),
      hasEnded: async (id) => gate(async () => log.hasEnded(id)),
    },
  };
};

export const createWebSockets = (given: WebSocketsDeps): WebSockets => {
  const { maxFollowed: all, maxFollowedPerOwner: owner } = given.limits;
  const deps = { ...given, ...inTurns(given), followed: createPlaces({ all, owner }) };
  const server = createServer(deps);
  const open = new Map<WebSocket, Session>();
  let isReleased = false;

  const begin = (ws: WebSocket, caller: GuardedExchange['caller']): void => {
    open.set(ws, openSession(ws, caller, deps));
    ws.once('close', () => open.delete(ws));
  };

  return {
    open: ({ req, res, caller }, upgrade) => {
      if (isReleased) {
        throw new AppError('shutting-down', 'This server stops; another one answers.', {
          retryAfterSeconds: 1,
        });
      }
      requireSameOrigin(req);
      if (upgrade.socket.destroyed) return;
      const leave = deps.streams.open('websocket', caller.subject);
      upgrade.socket.once('close', leave);
      const ws = shakeHands(server, req, { upgrade, requestId: requestIdOf(res) });
      if (ws === undefined) return;
      handOver(res, upgrade);
      begin(ws, caller);
    },
    release: () => {
      isReleased = true;
      for (const session of open.values())
        session.close(closeCodes.goingAway, 'the server stops; come again');
      const terminate = (): void => open.forEach((_session, ws) => ws.terminate());
      setTimeout(terminate, deps.limits.goingAwayMs).unref();
    },
  };
};
