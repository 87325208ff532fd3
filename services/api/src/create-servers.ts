/** The two ports that do the api's work: the public one for clients, the internal one for workers and the scaler. */
import type { Logger } from '@factorial/core/ops/logger';
import type { DeadLetterQueue } from '@factorial/core/queue/dead-letter-queue';
import type { JobPublisher } from '@factorial/core/queue/job-queue';
import type { Clock } from '@factorial/core/time/clock';
import type { Config } from './config.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { createDeadLetterDesk } from './dead-letters/dead-letter-desk.ts';
import { createApp } from './http/create-app.ts';
import { isAdmin } from './http/middleware/authenticate.ts';
import { styleHash } from './http/page.ts';
import { createPublicRoutes } from './http/public-routes.ts';
import { isForWebSocket } from './http/routes/ws.ts';
import { createUpgrades } from './http/upgrades.ts';
import { createInternalRoutes } from './internal/internal-routes.ts';
import type { ApiStore } from './job-store.ts';
import type { Dispatcher } from './jobs/dispatch.ts';
import type { FinishedNotifier } from './jobs/finished-notifier.ts';
import type { JobEvents } from './push/job-events.ts';
import type { OpenStreams } from './push/open-streams.ts';
import type { StreamTickets } from './push/stream-tickets.ts';
import { defaultSocketLimits } from './push/websocket/socket-limits.ts';
import { createWebSockets } from './push/websocket/web-sockets.ts';
import { createJobService } from './jobs/job-service.ts';
import { createCachedPoolReader, createPoolReader } from './jobs/pool-readings.ts';
import { listKnownPools } from './jobs/known-pools.ts';
import { createValidateInput } from './jobs/validate-input.ts';
import type { ApiMetrics } from './metrics.ts';
import type { TokenVerifiers } from './token-verifiers.ts';

export interface ServersDeps {
  config: Config;
  logger: Logger;
  clock: Clock;
  store: ApiStore;
  publisher: JobPublisher;
  deadLetterQueue: DeadLetterQueue;
  dispatcher: Dispatcher;
  notifier: FinishedNotifier;
  events: JobEvents;
  streams: OpenStreams;
  tickets: StreamTickets;
  metrics: ApiMetrics;
  verifiers: TokenVerifiers;
  newId: () => string;
  random: () => number;
}

export interface ApiServers {
  publicServer: HttpServer;
  internalServer: HttpServer;
}

/** Batches of results; a single large output travels by itself. */
const internalBodyLimitBytes = 32 * 1024 * 1024;
const internalRequestTimeoutMs = 60_000;
const maxRequestsPerSocket = 10_000;

const createPublicServer = (deps: ServersDeps): HttpServer => {
  const { config, logger, store, notifier, metrics, clock } = deps;
  const readPool = createCachedPoolReader({ ...store, clock });
  const jobs = createJobService({
    ...deps,
    ...store,
    readPool,
    validate: createValidateInput(),
    retentionSeconds: config.RETENTION_SECONDS,
    onAccepted: metrics.jobAccepted,
    seesAll: isAdmin,
  });
  const following = {
    find: jobs.find,
    events: deps.events,
    log: store.eventLog,
    streams: deps.streams,
    clock,
  };
  const webSockets = createWebSockets({ ...following, logger, limits: defaultSocketLimits });
  const upgrades = createUpgrades();
  const app = createApp({
    routes: createPublicRoutes({
      jobs,
      events: following,
      tickets: deps.tickets,
      sockets: { webSockets, upgrades },
      tasks: store.tasks,
      pools: async () => store.dueJobs.pools(),
      knownPools: async () => listKnownPools(store),
      pauses: store.pauses,
      deadLetters: createDeadLetterDesk({
        letters: store.letters,
        queue: deps.deadLetterQueue,
        clock,
        logger,
      }),
      readPool,
      scalers: store.scalers,
      logger,
    }),
    verifyToken: deps.verifiers.clients,
    redeemTicket: deps.tickets.redeem,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    styleHashes: [styleHash],
    logger,
    observe: (answer) => metrics.requestAnswered('public', answer),
  });
  const { HOST: host, PORT: port } = config;
  return createHttpServer({
    name: 'public-server',
    app,
    host,
    port,
    logger,
    maxRequestsPerSocket,
    onDrain: () => {
      notifier.release();
      webSockets.release();
      deps.events.release();
    },
    upgrade: {
      takes: isForWebSocket,
      handle: (req, upgrade) => upgrades.answer(app, req, upgrade),
    },
  });
};

const createInternalServer = (deps: ServersDeps): HttpServer => {
  const { config, logger, store, metrics, clock } = deps;
  const app = createApp({
    routes: createInternalRoutes({
      ...store,
      clock,
      readPool: createPoolReader(store),
      random: deps.random,
      outputLimitBytes: config.OUTPUT_LIMIT_BYTES,
      onOutcome: metrics.attemptEnded,
    }),
    verifyToken: deps.verifiers.internal,
    bodyLimitBytes: internalBodyLimitBytes,
    logger,
    observe: (answer) => metrics.requestAnswered('internal', answer),
  });
  const { INTERNAL_HOST: host, INTERNAL_PORT: port } = config;
  return createHttpServer({
    name: 'internal-server',
    app,
    host,
    port,
    logger,
    requestTimeoutMs: internalRequestTimeoutMs,
  });
};

export const createServers = (deps: ServersDeps): ApiServers => ({
  publicServer: createPublicServer(deps),
  internalServer: createInternalServer(deps),
});
