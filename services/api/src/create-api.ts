/** Puts the api together: its connections, its jobs, its three ports. `main.ts` runs it, tests run it beside themselves. */
import { randomUUID } from 'node:crypto';
import { toError } from '@factorial/core/errors/to-error';
import { isFinal } from '@factorial/core/jobs/job-status';
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import { createMetrics } from '@factorial/core/ops/metrics';
import { createOpsServer, type OpsServer } from '@factorial/core/ops/ops-server';
import { onceWell } from '@factorial/core/ops/readiness';
import { createJobPublisher } from '@factorial/core/queue/job-publisher';
import { createKeys } from '@factorial/core/redis/keys';
import { createRedisClient, createRedisService } from '@factorial/core/redis/redis-client';
import { createReplicatedWrites } from '@factorial/core/redis/replicated-writes';
import { systemClock } from '@factorial/core/time/clock';
import type { Config } from './config.ts';
import { createServers, type ApiServers } from './create-servers.ts';
import { registerGauges } from './gauges.ts';
import { countDeadLetters } from './dead-letters/collect.ts';
import { createApiStore } from './job-store.ts';
import { createDispatcher } from './jobs/dispatch.ts';
import { createFinishedNotifier } from './jobs/finished-notifier.ts';
import { readPublicationBudget } from './jobs/publication-budget.ts';
import { createSweeper } from './jobs/sweeper.ts';
import { type ApiMetrics, createApiMetrics } from './metrics.ts';
import { createJobEvents, type JobEvents } from './push/job-events.ts';
import { createJobNews } from './push/job-news.ts';
import { createOpenStreams } from './push/open-streams.ts';
import { createStreamTickets } from './push/stream-tickets.ts';
import { createTokenVerifiers } from './token-verifiers.ts';

export interface Api extends ApiServers {
  ops: OpsServer;
  events: JobEvents;
  /** In the order in which they start. */
  services: readonly Service[];
}

const createConnections = (config: Config, logger: Logger) => {
  const keys = createKeys(config.REDIS_TAG);
  const redis = createRedisClient({ url: config.REDIS_URL, logger });
  const listen = () => createRedisClient({ url: config.REDIS_URL, logger });
  return {
    keys,
    redis,
    notifier: createFinishedNotifier({ redis: listen(), channel: keys.finishedChannel, logger }),
    news: createJobNews({ redis: listen(), keys, logger }),
    publisher: createJobPublisher({ url: config.AMQP_URL, logger }),
  };
};

/** A connection and what runs on it; undefined where no replica has to confirm anything. */
const createReplication = (config: Config, logger: Logger, metrics: ApiMetrics) => {
  if (config.REDIS_WAIT_REPLICAS === 0) return undefined;
  const redis = createRedisClient({ url: config.REDIS_URL, logger, resend: false });
  const writes = createReplicatedWrites({
    redis,
    fenceKey: createKeys(config.REDIS_TAG).replicationFence,
    clock: systemClock,
    replicas: config.REDIS_WAIT_REPLICAS,
    confirm: config.REDIS_WAIT_CONFIRM,
    timeoutMs: config.REDIS_WAIT_TIMEOUT_MS,
    onUnconfirmed: metrics.writesUnconfirmed,
  });
  const probe = async (): Promise<boolean> => {
    try {
      return await writes.probe();
    } catch (error) {
      logger.error({ err: toError(error) }, 'redis cannot confirm writes as REDIS_WAIT_CONFIRM asks');
      return false;
    }
  };
  return {
    writes,
    services: [createRedisService(redis, 'replicated-redis')],
    checks: { replication: onceWell(probe) },
  };
};

/** @throws Error when a key that tokens are checked with cannot be used. */
export const createApi = async (config: Config, logger: Logger): Promise<Api> => {
  const clock = systemClock;
  const registry = createMetrics('api');
  const metrics = createApiMetrics(registry);
  const verifiers = await createTokenVerifiers({ config, logger, metrics });
  const { keys, redis, notifier, news, publisher } = createConnections(config, logger);
  const replication = createReplication(config, logger, metrics);
  const store = createApiStore({ redis, keys, clock, config, replicated: replication?.writes });
  const { dueJobs, tasks, workers, intake } = store;
  const streams = createOpenStreams({
    maxStreams: config.MAX_STREAMS,
    maxStreamsPerOwner: config.MAX_STREAMS_PER_OWNER,
  });

  registerGauges(registry, {
    dueJobs: store.dueSize,
    pools: async () => dueJobs.pools(),
    waiting: async (pool) => dueJobs.waiting(pool),
    paused: async (pool) => store.pauses.isPaused(pool),
    deadLetters: async (pool) => countDeadLetters(store.letters, publisher.deadLetters, pool),
    longPolls: () => notifier.waiting(),
    openStreams: (kind) => streams.count(kind),
    brokerReady: () => publisher.health().ok,
    clusterKeysAgeMs: () => verifiers.cluster?.keysAgeMs(),
  });

  const dispatcher = createDispatcher({
    publisher,
    dueJobs,
    tasks,
    logger,
    onUnconfirmed: metrics.publicationUnconfirmed,
  });
  const sweeper = createSweeper({
    dueJobs,
    dispatcher,
    readBudget: async () => readPublicationBudget({ dueJobs, publisher, workers, logger }),
    poolOf: async (id) => {
      const found = await intake.find(id);
      return found.kind === 'job' ? found.job.pool : undefined;
    },
    clock,
    logger,
    random: Math.random,
    leaseMs: store.settings.leaseMs,
    onReaped: metrics.reaped,
  });
  const events = createJobEvents({
    log: store.eventLog,
    news,
    isOver: async (id) => {
      const found = await intake.find(id);
      return found.kind !== 'job' || isFinal(found.job.status);
    },
    logger,
  });
  const servers = createServers({
    config,
    logger,
    clock,
    store,
    publisher,
    deadLetterQueue: publisher.deadLetters,
    dispatcher,
    notifier,
    events,
    streams,
    tickets: createStreamTickets({ redis, keys, clock }),
    metrics,
    verifiers,
    newId: randomUUID,
    random: Math.random,
  });
  const ops = createOpsServer({
    host: config.OPS_HOST,
    port: config.OPS_PORT,
    logger,
    metrics: registry,
    checks: {
      redis: onceWell(async () => (await redis.ping()) === 'PONG'),
      rabbitmq: onceWell(() => publisher.health().ok),
      ...replication?.checks,
      ...verifiers.cluster?.checks,
    },
  });
  const { internalServer, publicServer } = servers;
  return {
    ...servers,
    ops,
    events,
    services: [
      ops,
      createRedisService(redis),
      ...(replication?.services ?? []),
      notifier,
      events,
      publisher,
      sweeper,
      ...(verifiers.cluster ? [verifiers.cluster.service] : []),
      internalServer,
      publicServer,
      ops.gate,
    ],
  };
};
