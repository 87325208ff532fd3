/** The two ports that do the api's work: the public one for clients, the internal one for workers and the scaler. */
import type { Logger } from '@factorial/core/ops/logger';
import type { DeadLetterQueue } from '@factorial/core/queue/dead-letter-queue';
import type { JobPublisher } from '@factorial/core/queue/job-queue';
import type { Clock } from '@factorial/core/time/clock';
import type { Config } from './config.ts';
import type { Express } from 'express';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { createDeadLetterDesk, type DeadLetterDesk } from './dead-letters/dead-letter-desk.ts';
import { createApp } from './http/create-app.ts';
import { isAdmin } from './http/middleware/authenticate.ts';
import { findConsole } from './http/find-console.ts';
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
import type { FindJob } from './jobs/find-job.ts';
import { createJobService, type JobService } from './jobs/job-service.ts';
import { createCached } from './jobs/cached.ts';
import { createCachedPoolReader, createPoolReader, type ReadPool } from './jobs/pool-readings.ts';
import { listKnownPools } from './jobs/known-pools.ts';
import { createValidateInput } from './jobs/validate-input.ts';
import type { ApiMetrics } from './metrics.ts';
import { createWebhookRules, type WebhookRules } from './push/webhooks/create-webhooks.ts';
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
/** Besides those of streams: clients that wait for a job, and keep-alive of clients and proxies. */
const otherConnections = 4_000;
/** Younger than a step, and one reading serves all who look at a plot. */
const historyFreshMs = 2_000;
/** What those share who follow jobs, and how connections become WebSockets. */
const createStreaming = ({ events, streams, store, clock, logger }: ServersDeps, find: FindJob) => {
  const following = { find, events, streams, log: store.eventLog, clock };
  const webSockets = createWebSockets({ ...following, logger, limits: defaultSocketLimits });
  return { following, webSockets, upgrades: createUpgrades() };
};
type Streaming = ReturnType<typeof createStreaming>;

const createDesk = ({ store, deadLetterQueue, clock, logger }: ServersDeps): DeadLetterDesk =>
  createDeadLetterDesk({ letters: store.letters, queue: deadLetterQueue, clock, logger });

const createReadHistory = ({ store, clock }: ServersDeps) =>
  createCached({ read: async (pool) => store.history.read(pool), freshMs: historyFreshMs, clock });

const createPublicApp = (
  deps: ServersDeps,
  {
    jobs,
    readPool,
    webhookRules,
    streaming,
  }: { jobs: JobService; readPool: ReadPool; webhookRules: WebhookRules; streaming: Streaming },
): Express => {
  const { config, logger, store, clock, metrics, tickets } = deps;
  return createApp({
    routes: createPublicRoutes({
      ...store,
      jobs,
      events: streaming.following,
      tickets,
      sockets: streaming,
      pools: async () => store.dueJobs.pools(),
      knownPools: async () => listKnownPools(store),
      consoleDir: findConsole(config.CONSOLE_DIR, logger),
      readHistory: createReadHistory(deps),
      clock,
      deadLetters: createDesk(deps),
      readPool,
      webhookSecrets: webhookRules.secretsOf,
      logger,
    }),
    verifyToken: deps.verifiers.clients,
    redeemTicket: tickets.redeem,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    logger,
    observe: (answer) => metrics.requestAnswered('public', answer),
  });
};

const createPublicServer = (deps: ServersDeps): HttpServer => {
  const { config, logger, store, notifier, metrics, clock } = deps;
  const readPool = createCachedPoolReader({ ...store, clock });
  const webhookRules = createWebhookRules(config);
  const jobs = createJobService({
    ...deps,
    ...store,
    readPool,
    validate: createValidateInput(),
    faultsOfWebhook: webhookRules.faultsOf,
    retentionSeconds: config.RETENTION_SECONDS,
    onAccepted: metrics.jobAccepted,
    seesAll: isAdmin,
  });
  const streaming = createStreaming(deps, jobs.find);
  const app = createPublicApp(deps, { jobs, readPool, webhookRules, streaming });
  const { HOST: host, PORT: port } = config;
  return createHttpServer({
    name: 'public-server',
    app,
    host,
    port,
    logger,
    maxRequestsPerSocket,
    maxConnections: config.MAX_STREAMS + otherConnections,
    onDrain: () => {
      notifier.release();
      streaming.webSockets.release();
      deps.events.release();
    },
    upgrade: {
      takes: isForWebSocket,
      handle: (req, upgrade) => streaming.upgrades.answer(app, req, upgrade),
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
