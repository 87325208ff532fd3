/** The house's ioredis options: a command either answers soon or fails soon, nothing waits in a hidden queue. */
import { Redis } from 'ioredis';
import type { Logger } from '../ops/logger.ts';
import type { Service } from '../lifecycle/service.ts';

export interface RedisClientOptions {
  url: string;
  logger: Logger;
  /** A command without an answer for this long fails. */
  commandTimeoutMs?: number;
}

/**
 * Commands of one turn of the event loop travel as one pipeline. While Redis is away commands fail at once (the default
 * would hold a request for over a minute), and the client reconnects on its own, at most 1 s after Redis is back.
 */
export const createRedisClient = (options: RedisClientOptions): Redis => {
  const redis = new Redis(options.url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 1,
    connectTimeout: 2_000,
    commandTimeout: options.commandTimeoutMs ?? 1_500,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  redis.on('error', (err: Error) => options.logger.warn({ err }, 'redis connection failed'));
  return redis;
};

/** Connects on start (and keeps trying when Redis is away: readiness tells), disconnects on stop. */
export const createRedisService = (redis: Redis, name = 'redis'): Service => ({
  name,
  start: async () => {
    await redis.connect().catch(() => undefined);
  },
  stop: async () => {
    redis.disconnect();
    await Promise.resolve();
  },
});
