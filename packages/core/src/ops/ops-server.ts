/** What operators and Kubernetes ask a process, on a port that no client reaches. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { toError } from '../errors/to-error.ts';
import type { Service } from '../lifecycle/service.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { type Checks, failingChecks } from './readiness.ts';

export interface OpsServerDeps {
  host: string;
  /** 0 lets the system choose; `address()` tells. */
  port: number;
  logger: Logger;
  metrics: Metrics;
  /** What has to be well to serve; never "busy". */
  checks?: Checks;
  /** More than the event loop's turning; never whether Redis or RabbitMQ can be reached, and never false while draining. */
  live?: () => boolean;
  /** Further paths, and what they answer as JSON. */
  routes?: Readonly<Record<string, () => unknown>>;
}

export interface OpsServer extends Service {
  /** @throws when it does not listen. */
  address(): { host: string; port: number; url: string };
  /**
   * Ready between this service's start and stop. Put it last: its stop then comes first, while the server itself, put first,
   * goes on to answer until everything else has stopped.
   */
  readonly gate: Service;
}

interface Answer {
  status: number;
  contentType: string;
  body: string;
}

const json = (status: number, value: unknown): Answer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(value),
});

/** Idle and slow connections do not last. */
const limit = (server: Server): void => {
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.keepAliveTimeout = 5_000;
  server.setTimeout(15_000);
};

const closeTimeoutMs = 1_000;

const respond = (response: ServerResponse, { status, contentType, body }: Answer): void => {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(body);
};

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] ?? '/';

export const createOpsServer = (deps: OpsServerDeps): OpsServer => {
  const { host, port, logger, metrics, checks = {}, live = () => true, routes = {} } = deps;
  let isOpen = false;

  const readiness = async (): Promise<Answer> => {
    const failing = isOpen ? await failingChecks(checks) : ['gate'];
    return failing.length === 0
      ? json(200, { status: 'ready' })
      : json(503, { status: 'not ready', failing });
  };
  const liveness = (): Answer => (live() ? json(200, { status: 'live' }) : json(503, { status: 'not live' }));

  const handlers = new Map<string, () => Answer | Promise<Answer>>([
    ...Object.entries(routes).map(([path, tell]) => [path, async () => json(200, await tell())] as const),
    ['/livez', liveness],
    ['/readyz', readiness],
    ['/metrics', async () => ({ status: 200, ...(await metrics.expose()) })],
  ]);

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const path = pathOf(request);
    const handler = handlers.get(path);
    if (!handler) return json(404, { error: 'no such path' });
    if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, { error: 'no such method' });
    try {
      return await handler();
    } catch (thrown) {
      logger.error({ err: toError(thrown), path }, 'ops request failed');
      return json(500, { error: 'failed' });
    }
  };

  const server = createServer((request, response) => {
    void answer(request).then((given) => respond(response, given));
  });
  limit(server);

  const address = () => {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the ops server does not listen');
    const shown = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
    return { host: bound.address, port: bound.port, url: `http://${shown}:${bound.port}` };
  };

  const listen = async (): Promise<void> => {
    server.listen(port, host);
    await once(server, 'listening');
    logger.info({ port: address().port }, 'ops server listens');
  };

  let starting: Promise<void> | undefined;
  const start = async (): Promise<void> => {
    starting ??= listen();
    await starting;
  };

  const stop = async (): Promise<void> => {
    isOpen = false;
    await starting?.catch(() => undefined);
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const force = setTimeout(() => server.closeAllConnections(), closeTimeoutMs);
    await closed;
    clearTimeout(force);
  };

  const gate: Service = {
    name: 'readiness',
    start: async () => {
      isOpen = true;
      return Promise.resolve();
    },
    stop: async () => {
      isOpen = false;
      return Promise.resolve();
    },
  };

  return { name: 'ops-server', start, stop, address, gate };
};
