/** Puts the api together: its connections, its jobs, its three ports. `main.ts` runs it, tests run it beside themselves. */
import { randomUUID } from 'node:crypto';
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import { createMetrics, type Metrics } from '@factorial/core/ops/metrics';
import { createOpsServer, type OpsServer } from '@factorial/core/ops/ops-server';
import { onceWell } from '@factorial/core/ops/readiness';
import { createRedisService } from '@factorial/core/redis/redis-client';
import { systemClock } from '@factorial/core/time/clock';
import type { Config } from './config.ts';
import { createBackground } from './create-background.ts';
import { type Connections, createConnections, createReplication } from './create-connections.ts';
import { createServers, type ApiServers } from './create-servers.ts';
import { countDeadLetters } from './dead-letters/collect.ts';
import { type GaugeSources, registerGauges } from './gauges.ts';
import { type ApiStore, createApiStore } from './job-store.ts';
import { createApiMetrics } from './metrics.ts';
import { createJobEvents, type JobEvents } from './push/job-events.ts';
import { createOpenStreams, type OpenStreams } from './push/open-streams.ts';
import { createStreamTickets } from './push/stream-tickets.ts';
import { createTokenVerifiers, type TokenVerifiers } from './token-verifiers.ts';

export interface Api extends ApiServers {
  ops: OpsServer;
  events: JobEvents;
  /** In the order in which they start. */
  services: readonly Service[];
}

interface Parts {
  connections: Connections;
  replication: ReturnType<typeof createReplication>;
  store: ApiStore;
  streams: OpenStreams;
  verifiers: TokenVerifiers;
}

const gaugeSourcesOf = ({ connections, store, streams, verifiers }: Parts): GaugeSources => {
  const { publisher, notifier } = connections;
  return {
    dueJobs: store.dueSize,
    pools: async () => store.dueJobs.pools(),
    waiting: async (pool) => store.dueJobs.waiting(pool),
    paused: async (pool) => store.pauses.isPaused(pool),
    deadLetters: async (pool) => countDeadLetters(store.letters, publisher.deadLetters, pool),
    webhooksDue: async () => store.webhooks.due(),
    longPolls: () => notifier.waiting(),
    openStreams: (kind) => streams.count(kind),
    brokerReady: () => publisher.health().ok,
    clusterKeysAgeMs: () => verifiers.cluster?.keysAgeMs(),
  };
};

const createOps = (
  parts: Parts,
  { config, logger, registry }: { config: Config; logger: Logger; registry: Metrics },
): OpsServer => {
  const { connections, replication, verifiers } = parts;
  const { redis, publisher } = connections;
  registerGauges(registry, gaugeSourcesOf(parts));
  return createOpsServer({
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
};

/** @throws Error when a key that tokens are checked with cannot be used. */
export const createApi = async (config: Config, logger: Logger): Promise<Api> => {
  const clock = systemClock;
  const { random } = Math;
  const registry = createMetrics('api');
  const metrics = createApiMetrics(registry);
  const verifiers = await createTokenVerifiers({ config, logger, metrics });
  const connections = createConnections(config, logger);
  const { keys, redis, notifier, publisher } = connections;
  const replication = createReplication(config, logger, metrics);
  const store = createApiStore({ redis, keys, clock, config, replicated: replication?.writes });
  const streams = createOpenStreams({
    maxStreams: config.MAX_STREAMS,
    maxStreamsPerOwner: config.MAX_STREAMS_PER_OWNER,
  });
  const base = { config, logger, clock, random, metrics, store, publisher };
  const events = createJobEvents({ log: store.eventLog, news: connections.news, logger });
  const background = createBackground({ ...base, redis });
  const servers = createServers({
    ...base,
    deadLetterQueue: publisher.deadLetters,
    dispatcher: background.dispatcher,
    notifier,
    events,
    streams,
    tickets: createStreamTickets({ redis, keys, clock }),
    verifiers,
    newId: randomUUID,
  });
  const parts = { connections, replication, store, streams, verifiers };
  const ops = createOps(parts, { config, logger, registry });
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
      ...background.services,
      ...(verifiers.cluster ? [verifiers.cluster.service] : []),
      servers.internalServer,
      servers.publicServer,
      ops.gate,
    ],
  };
};
