/** A system whose Redis is a primary, a replica and three sentinels, and the ways in which the primary gets lost. */
import { setTimeout as delay } from 'node:timers/promises';
import { startTcpProxy, type TcpProxy } from '@factorial/core/testing/tcp-proxy';
import { waitUntil } from '@factorial/core/testing/wait-until';
import {
  type RedisNode,
  type RedisSet,
  sentinelUser,
  startRedisSet,
} from '../../dev/brokers/start-redis-set.ts';
import { unmanaged } from '../../dev/system/restartable.ts';
import { startSystem, type System } from '../../dev/system/start-system.ts';

export interface RedisSystemOptions {
  /** REDIS_WAIT_REPLICAS. */
  waitReplicas: number;
  /** Further lines of both nodes' configuration. */
  settings?: readonly string[];
  rabbitmq: { amqpUrl: string; managementUrl: string };
}

export interface RedisSystem {
  system: System;
  set: RedisSet;
  /** Between the api and the sentinels. */
  proxies: readonly TcpProxy[];
  stop: () => Promise<void>;
}

export const startRedisSystem = async (options: RedisSystemOptions): Promise<RedisSystem> => {
  let set: RedisSet | undefined;
  let proxies: TcpProxy[] = [];
  const system = await startSystem({
    workers: 1,
    apiEnv: { REDIS_WAIT_REPLICAS: String(options.waitReplicas) },
    logLevel: 'error',
    brokers: async (dir) => {
      const { settings = [], rabbitmq } = options;
      set = await startRedisSet(dir, { settings });
      const targets = set.sentinelPorts.map((port) => `redis://127.0.0.1:${port}`);
      proxies = await Promise.all(targets.map(async (target) => startTcpProxy(target)));
      const redisUrl = set.url(proxies.map(({ port }) => port));
      const { kill } = set;
      return {
        redis: { ...unmanaged, kill },
        rabbitmq: unmanaged,
        redisUrl,
        amqpUrl: rabbitmq.amqpUrl,
        managementUrl: rabbitmq.managementUrl,
      };
    },
  });
  if (!set) throw new Error('the system was started without its Redis');
  const stop = async (): Promise<void> => {
    await system.stop();
    await Promise.all(proxies.map(async (proxy) => proxy.close()));
  };
  return { system, set, proxies, stop };
};

export const primaryOf = async (set: RedisSet): Promise<RedisNode> => {
  const primary = await set.primary();
  if (!primary) throw new Error('the sentinels name no primary');
  return primary;
};

/** Until the sentinels name the other node. @returns that one. */
export const waitForPromotion = async (set: RedisSet, old: RedisNode): Promise<RedisNode> => {
  const next = set.other(old);
  const isPromoted = async () =>
    (await set.primary()) === next && String(await next.call('INFO', 'replication')).includes('role:master');
  await waitUntil(isPromoted, { timeoutMs: 30_000, what: 'the replica is promoted' });
  return next;
};

/** The primary is killed, the replica promoted, the killed one comes back as its replica. */
export const killPrimary = async ({ set }: RedisSystem): Promise<void> => {
  const old = await primaryOf(set);
  await old.kill();
  const next = await waitForPromotion(set, old);
  await old.start(next.port());
  await set.waitUntilWhole();
};

/** The primary's process stands still, its connections stay open; it goes on when the replica has been promoted. */
export const freezePrimary = async ({ set }: RedisSystem): Promise<void> => {
  const old = await primaryOf(set);
  process.kill(old.pid(), 'SIGSTOP');
  try {
    await waitForPromotion(set, old);
  } finally {
    process.kill(old.pid(), 'SIGCONT');
  }
  await set.waitUntilWhole();
};

/** How long the two sides do not see each other. */
const partitionMs = 8_000;

/** The replica's link leads through a proxy that can be held up. */
const linkThroughProxy = async (set: RedisSet, primary: RedisNode): Promise<TcpProxy> => {
  const proxy = await startTcpProxy(`redis://127.0.0.1:${primary.port()}`);
  const replica = set.other(primary);
  await replica.call('REPLICAOF', '127.0.0.1', proxy.port);
  const isUp = async () =>
    String(await replica.call('INFO', 'replication')).includes('master_link_status:up') && proxy.links() > 0;
  await waitUntil(isUp, { timeoutMs: 20_000, what: 'the replica is in step through the proxy' });
  await set.waitUntilWhole();
  return proxy;
};

/**
 * On one side the primary and the api, which goes on writing to it; on the other the replica and the sentinels, which
 * promote it. When both see each other again the old primary is made a replica, and what it took meanwhile is gone.
 */
export const partitionPrimary = async ({ set, proxies }: RedisSystem): Promise<void> => {
  const old = await primaryOf(set);
  const link = await linkThroughProxy(set, old);
  for (const proxy of [link, ...proxies]) proxy.freeze();
  await old.shutOut(sentinelUser);
  await waitForPromotion(set, old);
  await delay(partitionMs);
  await old.letIn(sentinelUser);
  for (const proxy of [link, ...proxies]) proxy.thaw();
  await set.waitUntilWhole();
  await link.close();
};
