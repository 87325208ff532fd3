/** Redis says of which jobs there is news: one channel a job, listened to while somebody follows it. */
import { toError } from '@factorial/core/errors/to-error';
import type { Logger } from '@factorial/core/ops/logger';
import type { Keys } from '@factorial/core/redis/keys';
import { connectRedis } from '@factorial/core/redis/redis-client';
import type { Redis } from 'ioredis';

export interface JobNews {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when news of this job will be told, or when the connection is away: a gap is told when it is back. */
  listen(id: string): Promise<void>;
  leave(id: string): void;
  onNews(tell: (id: string) => void): void;
  /** News may have been missed, of any job. */
  onGap(tell: () => void): void;
}

export interface JobNewsDeps {
  /** A connection of its own: one that listens can do nothing else. */
  redis: Redis;
  keys: Pick<Keys, 'events'>;
  logger: Logger;
}

export const createJobNews = ({ redis, keys, logger }: JobNewsDeps): JobNews => {
  const listened = new Set<string>();
  const prefix = keys.events('');
  let tellNews: (id: string) => void = () => undefined;
  let tellGap: () => void = () => undefined;

  const subscribe = async (ids: readonly string[]): Promise<boolean> => {
    try {
      await redis.subscribe(...ids.map(keys.events));
      return true;
    } catch (error) {
      logger.warn({ err: toError(error) }, 'not subscribed to the events of jobs');
      return false;
    }
  };

  /** Messages of the time without a connection are lost: after each (re)connect everybody looks for himself. */
  const onReady = async (): Promise<void> => {
    if (listened.size === 0 || (await subscribe([...listened]))) tellGap();
    else redis.disconnect(true);
  };
  redis.on('ready', () => void onReady());
  redis.on('message', (channel: string) => tellNews(channel.slice(prefix.length)));

  return {
    start: async () => {
      await connectRedis(redis).catch(() => undefined);
    },
    stop: async () => {
      redis.disconnect();
      await Promise.resolve();
    },
    listen: async (id) => {
      listened.add(id);
      if (redis.status !== 'ready') return;
      if (!(await subscribe([id]))) redis.disconnect(true);
    },
    leave: (id) => {
      listened.delete(id);
      // Without a connection there is nothing to take back.
      if (redis.status === 'ready') redis.unsubscribe(keys.events(id)).catch(() => undefined);
    },
    onNews: (tell) => {
      tellNews = tell;
    },
    onGap: (tell) => {
      tellGap = tell;
    },
  };
};
