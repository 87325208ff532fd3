/** The house's ioredis options: a command either answers soon or fails soon, nothing waits in a hidden queue. */
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { toError } from '../errors/to-error.ts';
import type { Logger } from '../ops/logger.ts';
import type { Service } from '../lifecycle/service.ts';
import { followPrimary } from './follow-primary.ts';
import { type AddressOptions, redisAddress } from './redis-url.ts';

export interface RedisClientOptions {
  /** `redis://`, or `redis+sentinel://`: then it follows the primary. */
  url: string;
  logger: Logger;
  /** A command without an answer for this long fails. */
  commandTimeoutMs?: number;
  /** Default true: what has no answer when the connection is lost is sent again on the next one. */
  resend?: boolean;
}

/**
 * Commands of one turn of the event loop travel as one pipeline. While Redis is away commands fail at once (the default
 * would hold a request for over a minute), and the client reconnects on its own, at most 1 s after Redis is back.
 */
export const createRedisClient = (options: RedisClientOptions): Redis => {
  const address = redisAddress(options.url);
  const common: AddressOptions = {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 1,
    connectTimeout: 2_000,
    commandTimeout: options.commandTimeoutMs ?? 1_500,
    autoResendUnfulfilledCommands: options.resend ?? true,
    // Whoever listens subscribes anew when it is ready: to what it still wants to hear.
    autoResubscribe: false,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  };
  const redis =
    'url' in address ? new Redis(address.url, common) : new Redis({ ...address.options, ...common });
  if ('sentinel' in address) followPrimary({ redis, url: address.sentinel, logger: options.logger });
  redis.on('error', (err: Error) => options.logger.warn({ err }, 'redis connection failed'));
  return redis;
};

/**
 * Resolves when it is connected, rejects when the first try fails; it goes on trying by itself. Not `connect` alone, which
 * waits for as long as no sentinel answers.
 */
export const connectRedis = async (redis: Redis): Promise<void> => {
  const failure = new AbortController();
  const failed = once(redis, 'error', { signal: failure.signal }).then(([thrown]: unknown[]) => {
    throw toError(thrown);
  });
  try {
    await Promise.race([redis.connect(), failed]);
  } finally {
    failure.abort();
    failed.catch(() => undefined);
  }
};

/** Connects on start (and keeps trying when Redis is away: readiness tells), disconnects on stop. */
export const createRedisService = (redis: Redis, name = 'redis'): Service => ({
  name,
  start: async () => {
    await connectRedis(redis).catch(() => undefined);
  },
  stop: async () => {
    redis.disconnect();
    await Promise.resolve();
  },
});
