import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@factorial/core/ops/logger';
import { connectRedis, createRedisClient } from '@factorial/core/redis/redis-client';
import { waitUntil } from '@factorial/core/testing/wait-until';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisNode, type RedisSet, startRedisSet } from '../../dev/brokers/start-redis-set.ts';
import { primaryOf, waitForPromotion } from './redis-system.ts';

const logger = createLogger('test', 'silent');
let dir: string;
let set: RedisSet;
let clients: Redis[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factorial-follow-'));
  set = await startRedisSet(dir);
  // Several: what goes wrong at reconnecting goes wrong for some.
  clients = Array.from({ length: 8 }, () => createRedisClient({ url: set.url(), logger }));
  await Promise.all(clients.map(connectRedis));
});
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await set.kill();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});

const runIdOf = (info: string): string | undefined => /run_id:(\w+)/.exec(info)?.[1];

const allAreAt = async (node: RedisNode): Promise<boolean> => {
  const wanted = runIdOf(String(await node.call('INFO', 'server')));
  const infos = await Promise.all(clients.map(async (client) => client.info('server')));
  return infos.every((info) => runIdOf(info) === wanted);
};

test(
  'clients leave a primary that was demoted on purpose, before it is a replica',
  { timeout: 60_000 },
  async () => {
    const old = await primaryOf(set);
    await set.failOver();
    const next = await waitForPromotion(set, old);
    await waitUntil(async () => allAreAt(next), {
      timeoutMs: 10_000,
      what: 'all clients are at the new primary',
    });
    expect(String(await old.call('INFO', 'replication'))).toContain('role:master');
    await set.waitUntilWhole();
  },
);

test('clients come back, every one, when their primary is killed', { timeout: 60_000 }, async () => {
  const old = await primaryOf(set);
  await old.kill();
  const next = await waitForPromotion(set, old);
  await waitUntil(async () => allAreAt(next), {
    timeoutMs: 15_000,
    what: 'all clients are at the new primary',
  });
  await Promise.all(clients.map(async (client) => client.incr('count')));
  expect(await clients[0]?.get('count')).toBe('8');
  await old.start(next.port());
});

test('a client that no sentinel answers is started all the same, and can be stopped', async () => {
  const client = createRedisClient({ url: 'redis+sentinel://127.0.0.1:1,127.0.0.1:2/jobs', logger });
  await expect(connectRedis(client)).rejects.toThrow(/sentinels are unreachable/);
  client.disconnect();
  await expect(client.get('x')).rejects.toThrow(/writeable|closed/);
});
