/** An HTTP server as a service: time limits on every phase of a request, and a stop that lets busy requests finish. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';

export interface HttpServerOptions {
  name: string;
  app: RequestListener;
  host: string;
  /** 0 lets the system choose. */
  port: number;
  logger: Logger;
  /** For the whole request to arrive, its body included. Answers may take longer: clients wait for jobs. */
  requestTimeoutMs?: number;
  /** Requests on one connection before it is closed, so that clients spread over new replicas; 0 for no limit. */
  maxRequestsPerSocket?: number;
  /** Open at a time; a further one is closed as soon as it comes. */
  maxConnections?: number;
  /** Called first on stop: ends what would wait long. */
  onDrain?: () => void;
  /** Where connections may become another protocol's. */
  upgrade?: UpgradeHandler;
}

export interface UpgradeHandler {
  /** Whether it is for `handle`; any other request is answered as if it had not asked (RFC 9110, section 7.8). */
  takes: (req: IncomingMessage) => boolean;
  /** Whose connection it is from then on. What is left of it at the deadline of a stop is destroyed. */
  handle: (req: IncomingMessage, upgrade: { socket: Socket; head: Buffer }) => void;
}

export interface HttpServer extends Service {
  /** The port it listens on. @throws before it has started. */
  port(): number;
}

const headersTimeoutMs = 10_000;
/** Above the idle time of the usual load balancers (60 s): they close first, and lose no request to a race. */
const keepAliveMs = 65_000;
/** A socket on which nothing moves; above the longest wait for a job. */
const silentSocketMs = 90_000;
const checkEveryMs = 2_000;
const closeIdleEveryMs = 50;
/** A flood is told of in the log this often. */
const tellDroppedEveryMs = 10_000;

const listen = async (server: Server, { host, port }: HttpServerOptions): Promise<void> => {
  server.listen(port, host);
  await once(server, 'listening');
};

interface Draining {
  server: Server;
  /** Connections that Node's server knows no more, and waits for all the same. */
  upgraded: ReadonlySet<Socket>;
}

/** Resolves when the last connection is gone. Idle ones are closed again and again: each answer makes one idle. */
const drain = async ({ server, upgraded }: Draining, deadline: AbortSignal): Promise<void> => {
  const closed = once(server, 'close');
  server.close();
  const closing = setInterval(() => server.closeIdleConnections(), closeIdleEveryMs);
  const force = (): void => {
    server.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
  };
  deadline.addEventListener('abort', force);
  if (deadline.aborted) force();
  await closed;
  clearInterval(closing);
  deadline.removeEventListener('abort', force);
};

/**
 * From its call on, answers tell their clients to come back on a new connection, which another replica will take: those of
 * requests that are being worked on, too.
 */
const createConnectionEnd = (server: Server): (() => void) => {
  const unanswered = new Set<ServerResponse>();
  let ending = false;
  server.prependListener('request', (_req, res) => {
    if (ending) res.shouldKeepAlive = false;
    unanswered.add(res);
    res.once('close', () => unanswered.delete(res));
  });
  return () => {
    ending = true;
    for (const res of unanswered) res.shouldKeepAlive = false;
  };
};

/** @returns those that are open. */
const acceptUpgrades = (
  server: Server,
  handle: UpgradeHandler['handle'] | undefined,
): ReadonlySet<Socket> => {
  const upgraded = new Set<Socket>();
  if (handle === undefined) return upgraded;
  server.on('upgrade', (req: IncomingMessage, _socket, head: Buffer) => {
    const { socket } = req;
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    handle(req, { socket, head });
  });
  return upgraded;
};

/** Each connection costs some 10 KB, and up to 30 KB while its head arrives, before anybody has shown a token. */
const limitConnections = (server: Server, { maxConnections, logger, name }: HttpServerOptions): void => {
  if (maxConnections === undefined) return;
  server.maxConnections = maxConnections;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    if (performance.now() - toldAtMs < tellDroppedEveryMs) return;
    toldAtMs = performance.now();
    logger.warn({ server: name, maxConnections }, 'too many connections, further ones are closed');
  });
};

const portOf = (address: AddressInfo | string | null): number => {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
};

export const createHttpServer = (options: HttpServerOptions): HttpServer => {
  const { requestTimeoutMs = 15_000 } = options;
  const server = createServer(
    {
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: checkEveryMs,
      shouldUpgradeCallback: (req) => options.upgrade?.takes(req) ?? false,
    },
    options.app,
  );
  server.maxRequestsPerSocket = options.maxRequestsPerSocket ?? 0;
  server.setTimeout(silentSocketMs);
  limitConnections(server, options);

  const endConnections = createConnectionEnd(server);
  const upgraded = acceptUpgrades(server, options.upgrade?.handle);

  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;
  const start = async (): Promise<void> => {
    await listen(server, options);
    options.logger.info({ server: options.name, port: portOf(server.address()) }, 'http server listens');
  };
  const stop = async (deadline: AbortSignal): Promise<void> => {
    endConnections();
    options.onDrain?.();
    await starting?.catch(() => undefined);
    if (server.listening) await drain({ server, upgraded }, deadline);
  };

  return {
    name: options.name,
    port: () => portOf(server.address()),
    start: async () => {
      starting ??= start();
      await starting;
    },
    stop: async (deadline) => {
      stopping ??= stop(deadline);
      await stopping;
    },
  };
};
