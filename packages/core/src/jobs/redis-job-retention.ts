/** The janitor's side of the jobs in Redis: what may go, and letting it go. */
import { redisNowMs } from '../redis/redis-now.ts';
import { storing } from '../redis/store-error.ts';
import type { JobRetention } from './job-store.ts';
import type { RedisJobStoreDeps } from './redis-job-intake.ts';

const expireAnswers = { OK: 'expired', WAIT: 'waiting', WRONG: 'wrong-state', GONE: 'gone' } as const;

export const createRedisJobRetention = ({ redis, keys, run, settings }: RedisJobStoreDeps): JobRetention => ({
  expired: async (limit) =>
    storing(redis.zrangebyscore(keys.finished, '-inf', await redisNowMs(redis), 'LIMIT', 0, limit)),
  expire: async (id, when) => {
    const [word, bytes] = await run('expire', [id, when, settings.tombstoneTtlMs]);
    if (word === 'OK') return { kind: 'expired', bytes: Number(bytes) };
    if (word === 'WAIT' || word === 'WRONG' || word === 'GONE') return { kind: expireAnswers[word] };
    throw new Error(`unexpected answer to an expiry: ${word}`);
  },
  usedBytes: async () => Number((await storing(redis.get(keys.usedBytes))) ?? 0),
  oldestFinished: async (limit) => {
    const page = await storing(redis.zrange(keys.finished, '0', String(limit - 1), 'WITHSCORES'));
    const ids = page.filter((_, index) => index % 2 === 0);
    if (ids.length === 0) return [];
    const sizes = await storing(redis.zmscore(keys.sizes, ids));
    return ids.map((id, index) => ({
      id,
      bytes: Number(sizes[index] ?? 0),
      expiresAt: Number(page[index * 2 + 1] ?? 0),
    }));
  },
});
