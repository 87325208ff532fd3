/** What every api process does besides answering: brings jobs to the broker, samples the pools, tells webhooks. */
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import type { JobPublisher } from '@factorial/core/queue/job-queue';
import { redisNowMs } from '@factorial/core/redis/redis-now';
import type { Clock } from '@factorial/core/time/clock';
import type { Redis } from 'ioredis';
import type { Config } from './config.ts';
import type { ApiStore } from './job-store.ts';
import { createDispatcher, type Dispatcher } from './jobs/dispatch.ts';
import { createJobViewer } from './jobs/job-view.ts';
import { listKnownPools } from './jobs/known-pools.ts';
import { createPoolReader } from './jobs/pool-readings.ts';
import { createPoolSampler } from './jobs/pool-sampler.ts';
import { readPublicationBudget } from './jobs/publication-budget.ts';
import { createSweeper } from './jobs/sweeper.ts';
import type { ApiMetrics } from './metrics.ts';
import { createWebhooks } from './push/webhooks/create-webhooks.ts';

export interface BackgroundDeps {
  config: Config;
  logger: Logger;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  metrics: ApiMetrics;
  redis: Redis;
  publisher: JobPublisher;
  store: ApiStore;
}

export interface Background {
  dispatcher: Dispatcher;
  /** In the order in which they start. */
  services: readonly Service[];
}

const createApiSweeper = (deps: BackgroundDeps, dispatcher: Dispatcher): Service => {
  const { publisher, store, logger } = deps;
  const { dueJobs, workers, intake } = store;
  return createSweeper({
    ...deps,
    dueJobs,
    dispatcher,
    readBudget: async () => readPublicationBudget({ dueJobs, publisher, workers, logger }),
    poolOf: async (id) => {
      const found = await intake.find(id);
      return found.kind === 'job' ? found.job.pool : undefined;
    },
    leaseMs: store.settings.leaseMs,
    onReaped: deps.metrics.reaped,
  });
};

const createApiSampler = (deps: BackgroundDeps): Service => {
  const { redis, store } = deps;
  return createPoolSampler({
    ...deps,
    ...store,
    pools: async () => listKnownPools(store),
    readPool: createPoolReader(store),
    redisNowMs: async () => redisNowMs(redis),
  });
};

/** None where there are no keys to sign with. */
const createWebhookServices = (deps: BackgroundDeps): Service[] => {
  const { store, clock, metrics } = deps;
  const sender = createWebhooks({
    ...deps,
    intake: store.intake,
    deliveries: store.webhooks,
    viewer: createJobViewer({ ...store, readPool: createPoolReader(store), clock }),
    onAttempt: metrics.webhookAttempted,
  });
  return sender ? [sender] : [];
};

export const createBackground = (deps: BackgroundDeps): Background => {
  const { dueJobs, tasks } = deps.store;
  const dispatcher = createDispatcher({
    ...deps,
    dueJobs,
    tasks,
    onUnconfirmed: deps.metrics.publicationUnconfirmed,
  });
  const services = [
    createApiSweeper(deps, dispatcher),
    createApiSampler(deps),
    ...createWebhookServices(deps),
  ];
  return { dispatcher, services };
};
