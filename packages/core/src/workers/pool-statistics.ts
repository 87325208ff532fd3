/** What Redis knows of a pool: who waits, since when, and how long jobs take. */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Keys } from '../redis/keys.ts';
import { redisNowMs } from '../redis/redis-now.ts';
import { storing } from '../redis/store-error.ts';

const counter = z.coerce.number().default(0);

/** The hash `pool:{name}`. Counters run since the installation began; `rerun` = claimed − accepted is what crashes and retries cost. */
const poolHashSchema = z.object({
  accepted: counter,
  claimed: counter,
  done: counter,
  failed: counter,
  cancelled: counter,
  requeued: counter,
  retried: counter,
  released: counter,
  /** Moving average of run times, ms; absent before the first job is done. */
  serviceMs: z.coerce.number().optional(),
  /** Since when no job is started, ms since the epoch; absent where jobs are. */
  pausedAt: z.coerce.number().optional(),
});

export interface PoolStatistics extends z.output<typeof poolHashSchema> {
  waiting: number;
  oldestWaitMs: number;
}

/** One of a pool's oldest jobs: the first in line; with priorities a less urgent one may be older. */
const oldestWaitMs = async (redis: Redis, keys: Keys, pool: string): Promise<number> => {
  const [[first], now] = await Promise.all([
    storing(redis.zrange(keys.waiting(pool), '0', '0')),
    redisNowMs(redis),
  ]);
  if (first === undefined) return 0;
  const queuedAt = await storing(redis.hget(keys.job(first), 'queuedAt'));
  return queuedAt === null ? 0 : Math.max(0, now - Number(queuedAt));
};

export const createPoolStatistics =
  (redis: Redis, keys: Keys) =>
  async (pool: string): Promise<PoolStatistics> => {
    const [waiting, hash, oldest] = await Promise.all([
      storing(redis.zcard(keys.waiting(pool))),
      storing(redis.hgetall(keys.pool(pool))),
      oldestWaitMs(redis, keys, pool),
    ]);
    return { ...poolHashSchema.parse(hash), waiting, oldestWaitMs: oldest };
  };
