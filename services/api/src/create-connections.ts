/** The api's connections to Redis and RabbitMQ, and what runs on each of them. */
import { toError } from '@factorial/core/errors/to-error';
import type { Logger } from '@factorial/core/ops/logger';
import { onceWell } from '@factorial/core/ops/readiness';
import { createJobPublisher } from '@factorial/core/queue/job-publisher';
import { createKeys } from '@factorial/core/redis/keys';
import { createRedisClient, createRedisService } from '@factorial/core/redis/redis-client';
import { createReplicatedWrites } from '@factorial/core/redis/replicated-writes';
import { systemClock } from '@factorial/core/time/clock';
import type { Config } from './config.ts';
import { createFinishedNotifier } from './jobs/finished-notifier.ts';
import type { ApiMetrics } from './metrics.ts';
import { createJobNews } from './push/job-news.ts';

export const createConnections = (config: Config, logger: Logger) => {
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
export const createReplication = (config: Config, logger: Logger, metrics: ApiMetrics) => {
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

export type Connections = ReturnType<typeof createConnections>;
