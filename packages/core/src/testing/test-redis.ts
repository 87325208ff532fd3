/** A place of its own in the tests' Redis for one test file: a key tag that no other file has. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createKeys, type Keys } from '../redis/keys.ts';
import { brokerUrls } from './broker-urls.ts';

export interface TestRedis {
  /** Connected. */
  redis: Redis;
  keys: Keys;
  /** The tag in every key, for services that are configured by it. */
  tag: string;
  url: string;
  /** The keys that are there now. */
  keyNames(): Promise<string[]>;
  /** Deletes this file's keys, checks that none came back while it did, and disconnects. */
  close(): Promise<void>;
}

const scan = async (redis: Redis, tag: string): Promise<string[]> => {
  const names: string[] = [];
  for await (const page of redis.scanStream({ match: `{${tag}}:*`, count: 1_000 })) {
    if (Array.isArray(page)) names.push(...page.map(String));
  }
  return [...new Set(names)];
};

export const createTestRedis = async (url = brokerUrls().redisUrl): Promise<TestRedis> => {
  const tag = `test-${randomUUID()}`;
  const redis = new Redis(url, { lazyConnect: true, commandTimeout: 5_000, maxRetriesPerRequest: 1 });
  await redis.connect();

  const close = async (): Promise<void> => {
    const names = await scan(redis, tag);
    if (names.length > 0) await redis.unlink(names);
    const left = await scan(redis, tag);
    redis.disconnect();
    if (left.length > 0) throw new Error(`something still writes after the tests: ${left.join(', ')}`);
  };

  return { redis, keys: createKeys(tag), tag, url, keyNames: () => scan(redis, tag), close };
};
