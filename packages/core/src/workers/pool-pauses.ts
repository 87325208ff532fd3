/** Which pools start no job at present. The state is a field of the pool's hash, so that CLAIM sees it in the same step. */
import type { Redis } from 'ioredis';
import type { RunScript } from '../jobs/job-scripts.ts';
import type { Keys } from '../redis/keys.ts';
import { storing } from '../redis/store-error.ts';

export interface PoolPauses {
  /** Pausing a paused pool changes nothing. @returns since when it is paused, ms since the epoch by Redis's clock. */
  pause(pool: string): Promise<number>;
  /** Resuming a pool that is not paused changes nothing. */
  resume(pool: string): Promise<void>;
  isPaused(pool: string): Promise<boolean>;
}

export interface PoolPausesDeps {
  redis: Redis;
  keys: Keys;
  run: RunScript;
}

export const createPoolPauses = ({ redis, keys, run }: PoolPausesDeps): PoolPauses => ({
  pause: async (pool) => Number((await run('pause', [pool, 'pause']))[1]),
  resume: async (pool) => {
    await run('pause', [pool, 'resume']);
  },
  isPaused: async (pool) => (await storing(redis.hexists(keys.pool(pool), 'pausedAt'))) === 1,
});
