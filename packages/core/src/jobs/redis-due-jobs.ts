/** The sweeper's side of the jobs in Redis: what is due, and what has to be published again. */
import { redisNowMs } from '../redis/redis-now.ts';
import { storing } from '../redis/store-error.ts';
import type { DueJobs, ReapOutcome } from './job-store.ts';
import type { ScriptReply } from './job-scripts.ts';
import { parsePublication } from './publication.ts';
import type { RedisJobStoreDeps } from './redis-job-intake.ts';

const toReapOutcome = (id: string, reply: ScriptReply): ReapOutcome => {
  switch (reply[0]) {
    case 'PUBLISH':
      return { kind: 'publish', publication: parsePublication(id, reply) };
    case 'WAIT':
      return { kind: 'wait' };
    case 'FAILED':
      return { kind: 'failed', reason: String(reply[1]) };
    case 'DROP':
      return { kind: 'drop' };
    default:
      throw new Error(`unexpected answer to a reap: ${reply[0]}`);
  }
};

const runIdOf = (info: string): string => /^run_id:(\w+)/m.exec(info)?.[1] ?? '';

export const createRedisDueJobs = ({ redis, keys, run, settings }: RedisJobStoreDeps): DueJobs => {
  return {
    due: async (limit) =>
      storing(redis.zrangebyscore(keys.due, '-inf', await redisNowMs(redis), 'LIMIT', 0, limit)),
    reap: async (id, mayPublish) =>
      toReapOutcome(id, await run('reap', [id, mayPublish ? '1' : '0', settings.patienceMs])),
    putOff: async (id) => {
      const look = (await redisNowMs(redis)) + settings.patienceMs;
      await storing(redis.zadd(keys.due, 'XX', 'GT', look, id));
    },
    published: async (confirmed) => {
      if (confirmed.length === 0) return;
      const pairs = confirmed.flatMap(({ id, publication }) => [id, publication]);
      await run('published', [settings.patienceMs, ...pairs]);
    },
    waiting: async (pool) => storing(redis.zcard(keys.waiting(pool))),
    pools: async () => storing(redis.smembers(keys.pools)),
    runId: async () => runIdOf(await storing(redis.info('server'))),
  };
};
