import type { Redis } from 'ioredis';
import { storing } from './store-error.ts';

/** Redis's own clock, which decides about leases and deadlines, in ms since the epoch. */
export const redisNowMs = async (redis: Redis): Promise<number> => {
  const [seconds, microseconds] = await storing(redis.time());
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
};
