/** The store as somebody sees it who asks neither the api nor the store's own code. */
import { createKeys, type Keys } from '@factorial/core/redis/keys';
import { Redis } from 'ioredis';

export interface StoredJob {
  id: string;
  status: string;
  attempt: number;
  worker: string;
  bytes: number;
  /** ms; -1: it has none. */
  ttlMs: number;
  /** What those who follow it were told last; '' when nothing is there. */
  lastEvent: string;
}

export interface StoreView {
  /** Jobs that somebody holds, with the attempt. Undefined when the store does not answer. */
  processing(): Promise<StoredJob[] | undefined>;
  /** Undefined: gone, or nobody tells. */
  job(id: string): Promise<StoredJob | undefined>;
  jobs(): Promise<StoredJob[]>;
  /** Streams of events, whether their job is there or not. */
  streams(): Promise<number>;
  tombstones(): Promise<number>;
  /** Sums over all pools of what was counted with the transitions themselves. */
  counted(): Promise<Readonly<Record<string, number>>>;
  due(): Promise<number>;
  waiting(): Promise<number>;
  /** Unfinished jobs by the owners' counters. */
  pending(): Promise<number>;
  usedBytes(): Promise<number>;
  finished(): Promise<number>;
  close(): void;
}

const isFinal = (status: string): boolean => ['done', 'failed', 'cancelled'].includes(status);
export const isFinalJob = ({ status }: StoredJob): boolean => isFinal(status);

const scanKeys = async (redis: Redis, prefix: string): Promise<string[]> => {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    for (const key of keys) found.add(key);
    cursor = next;
  } while (cursor !== '0');
  return [...found];
};

const readJob = async (redis: Redis, keys: Keys, id: string): Promise<StoredJob | undefined> => {
  const [fields, ttlMs, [last]] = await Promise.all([
    redis.hmget(keys.job(id), 'status', 'attempt', 'worker', 'bytes'),
    redis.pttl(keys.job(id)),
    redis.xrevrange(keys.events(id), '+', '-', 'COUNT', 1),
  ]);
  const [status, attempt, worker, bytes] = fields;
  if (status === null || status === undefined) return undefined;
  return {
    id,
    status,
    attempt: Number(attempt),
    worker: worker ?? '',
    bytes: Number(bytes),
    ttlMs,
    // Its entry is `event <what> attempt … data …`.
    lastEvent: last?.[1][1] ?? '',
  };
};

const isThere = (job: StoredJob | undefined): job is StoredJob => job !== undefined;

const sumOf = (hashes: readonly Record<string, string>[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const hash of hashes)
    for (const [name, value] of Object.entries(hash)) sums[name] = (sums[name] ?? 0) + Number(value);
  return sums;
};

export const openStoreView = (redisUrl: string): StoreView => {
  const redis = new Redis(redisUrl, {
    maxRetriesPerRequest: 1,
    commandTimeout: 5_000,
    enableAutoPipelining: true,
  });
  redis.on('error', () => undefined);
  const keys = createKeys('factorial');
  const read = async (ids: readonly string[]): Promise<StoredJob[]> =>
    (await Promise.all(ids.map(async (id) => readJob(redis, keys, id)))).filter(isThere);
  const pools = async (): Promise<string[]> => redis.smembers(keys.pools);
  return {
    processing: async () => {
      try {
        const unfinished = await read(await redis.zrange(keys.due, '0', '-1'));
        return unfinished.filter(({ status }) => status === 'processing');
      } catch {
        return undefined;
      }
    },
    job: async (id) => readJob(redis, keys, id).catch(() => undefined),
    jobs: async () => {
      const prefix = keys.job('');
      return read((await scanKeys(redis, prefix)).map((key) => key.slice(prefix.length)));
    },
    streams: async () => (await scanKeys(redis, keys.events(''))).length,
    tombstones: async () => (await scanKeys(redis, keys.tombstone(''))).length,
    counted: async () =>
      sumOf(await Promise.all((await pools()).map(async (pool) => redis.hgetall(keys.pool(pool))))),
    due: async () => redis.zcard(keys.due),
    waiting: async () => {
      const sizes = await Promise.all((await pools()).map(async (pool) => redis.zcard(keys.waiting(pool))));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    pending: async () => (await redis.hvals(keys.pending)).reduce((sum, count) => sum + Number(count), 0),
    usedBytes: async () => Number((await redis.get(keys.usedBytes)) ?? 0),
    finished: async () => redis.zcard(keys.finished),
    close: () => redis.disconnect(),
  };
};
