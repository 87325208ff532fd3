/** Redis with a replica and three sentinels on this machine: what a primary's death, a frozen one and a partition are tried on. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { Redis } from 'ioredis';
import { type Program, startProgram } from '../programs/program.ts';
import { waitUntilReady } from '../programs/wait-until-ready.ts';
import type { Broker } from './broker.ts';
import { ensureBrokers } from './ensure-brokers.ts';
import { exchange } from './exchange.ts';
import { freePort } from './free-port.ts';
import { startRedis } from './start-redis.ts';

const primaryName = 'jobs';

/** Replicas and sentinels log in as users of their own, so that they can be kept out while clients are not. */
export const replicaUser = 'replica';
export const sentinelUser = 'sentinel';

export interface RedisNode {
  port: () => number;
  pid: () => number;
  /** As a replica of the node on this port, or as a primary. */
  start: (primaryPort?: number) => Promise<void>;
  kill: () => Promise<void>;
  /** Runs a command on a connection of its own. */
  call: (command: string, ...args: (string | number)[]) => Promise<unknown>;
  /** Ends the connections of this user and lets it in no more. */
  shutOut: (user: string) => Promise<void>;
  letIn: (user: string) => Promise<void>;
}

export interface RedisSet {
  nodes: readonly [RedisNode, RedisNode];
  sentinelPorts: readonly number[];
  password: string;
  sentinelPassword: string;
  /** With the sentinels on these ports, or on others that lead to them. */
  url: (ports?: readonly number[]) => string;
  /** Whom the sentinels call the primary; undefined while they name none. */
  primary: () => Promise<RedisNode | undefined>;
  /** As an operator does before maintenance: the replica is promoted while the primary lives. */
  failOver: () => Promise<void>;
  /** The node that is not. */
  other: (node: RedisNode) => RedisNode;
  /** Both nodes hold the same, and the sentinels see a replica that could be promoted. */
  waitUntilWhole: () => Promise<void>;
  /** SIGKILL to all of it. */
  kill: () => Promise<void>;
}

export interface RedisSetOptions {
  /** Further lines of both nodes' configuration. */
  settings?: readonly string[];
}

const host = '127.0.0.1';

const askOn = async (url: string, command: string, args: readonly (string | number)[]): Promise<unknown> => {
  const redis = new Redis(url, { lazyConnect: true, commandTimeout: 2_000, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
};

const nodeSettings = (password: string, primaryPort: number | undefined): string[] => [
  `masterauth ${password}`,
  `masteruser ${replicaUser}`,
  ...[replicaUser, sentinelUser].map((user) => `user ${user} on >${password} ~* &* +@all`),
  // What waits for further replicas in production would only be slow here.
  'repl-diskless-sync-delay 0',
  'repl-ping-replica-period 1',
  ...(primaryPort === undefined ? [] : [`replicaof ${host} ${primaryPort}`]),
];

interface Passwords {
  redis: string;
  sentinel: string;
}

interface SentinelOptions {
  dir: string;
  port: number;
  primaryPort: number;
  passwords: Passwords;
}

const sentinelConfig = (set: SentinelOptions): string =>
  [
    `bind ${host}`,
    `port ${set.port}`,
    `dir "${set.dir}"`,
    `requirepass ${set.passwords.sentinel}`,
    `sentinel sentinel-pass ${set.passwords.sentinel}`,
    `sentinel monitor ${primaryName} ${host} ${set.primaryPort} 2`,
    `sentinel auth-user ${primaryName} ${sentinelUser}`,
    `sentinel auth-pass ${primaryName} ${set.passwords.redis}`,
    `sentinel down-after-milliseconds ${primaryName} 1000`,
    // Twice as long lies between two failovers.
    `sentinel failover-timeout ${primaryName} 3000`,
    '',
  ].join('\n');

const newSecret = (): string => randomBytes(24).toString('base64url');

const createNode = (dataDir: string, password: string, settings: readonly string[]): RedisNode => {
  let broker: Broker | undefined;
  const url = (): string => broker?.url ?? '';
  const call = async (command: string, ...args: (string | number)[]): Promise<unknown> =>
    askOn(url(), command, args);
  return {
    port: () => Number(new URL(url()).port),
    pid: () => broker?.pid ?? 0,
    start: async (primaryPort) => {
      const { redis: source } = await ensureBrokers(process.env);
      const all = [...nodeSettings(password, primaryPort), ...settings];
      broker = await startRedis({ source, dataDir, password, settings: all });
    },
    kill: async () => broker?.kill(),
    call,
    shutOut: async (user) => {
      await call('ACL', 'SETUSER', user, 'off');
      await call('CLIENT', 'KILL', 'USER', user);
    },
    letIn: async (user) => {
      await call('ACL', 'SETUSER', user, 'on');
    },
  };
};

/** Its configuration is a file that it can write, as a sentinel insists on. */
const startSentinel = async (options: SentinelOptions): Promise<Program> => {
  const { dir, port, passwords } = options;
  const { redis: source } = await ensureBrokers(process.env);
  if (source.kind === 'docker') throw new Error('sentinels take a Redis that is a program of this machine');
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'sentinel.conf');
  const logFile = join(dir, 'sentinel.log');
  await writeFile(file, sentinelConfig(options), { mode: 0o600 });
  const program = await startProgram({
    command: source.command,
    args: [file, '--sentinel'],
    env: { LANG: 'C.UTF-8' },
    cwd: dir,
    logFile,
  });
  const isReady = async (): Promise<boolean> =>
    (await exchange(port, `AUTH ${passwords.sentinel}\r\nPING\r\n`, (text) => text.includes('PONG'))) !== '';
  await waitUntilReady({ name: 'Sentinel', program, logFile, timeoutMs: 10_000, isReady });
  return program;
};

const fieldsOf = (flat: unknown): Record<string, string> => {
  const words = Array.isArray(flat) ? flat.map(String) : [];
  return Object.fromEntries(
    words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? '']] : [])),
  );
};

/** @param dir exists. */
export const startRedisSet = async (
  dir: string,
  { settings = [] }: RedisSetOptions = {},
): Promise<RedisSet> => {
  const passwords: Passwords = { redis: newSecret(), sentinel: newSecret() };
  const makeNode = (name: string) => createNode(join(dir, name), passwords.redis, settings);
  const nodes: [RedisNode, RedisNode] = [makeNode('redis-0'), makeNode('redis-1')];
  const sentinels: Program[] = [];
  const sentinelPorts: number[] = [];

  const kill = async (): Promise<void> => {
    await Promise.all([...sentinels, ...nodes].map(async (one) => one.kill()));
  };
  const askSentinel = async (...args: string[]): Promise<unknown> =>
    askOn(`redis://:${passwords.sentinel}@${host}:${sentinelPorts[0]}`, 'SENTINEL', args);
  const primary = async (): Promise<RedisNode | undefined> => {
    const address = await askSentinel('get-master-addr-by-name', primaryName);
    const port = Array.isArray(address) ? String(address[1]) : undefined;
    return nodes.find((node) => String(node.port()) === port);
  };
  const other = (node: RedisNode): RedisNode => (node === nodes[0] ? nodes[1] : nodes[0]);

  const isWhole = async (): Promise<boolean> => {
    const leader = await primary();
    if (!leader) return false;
    const info = String(await leader.call('INFO', 'replication'));
    const replicas = await askSentinel('replicas', primaryName);
    const [replica] = Array.isArray(replicas) ? replicas.map(fieldsOf) : [];
    const port = other(leader).port();
    const isOnline = new RegExp(`port=${port},state=online,offset=\\d+,lag=[01]\\b`).test(info);
    return isOnline && replica?.['flags'] === 'slave' && replica['master-link-status'] === 'ok';
  };

  try {
    for (const name of ['redis-0', 'redis-1']) await mkdir(join(dir, name), { recursive: true });
    await nodes[0].start();
    await nodes[1].start(nodes[0].port());
    for (let index = 0; index < 3; index += 1) {
      const port = await freePort(Math.random);
      sentinelPorts.push(port);
      sentinels.push(
        await startSentinel({
          dir: join(dir, `sentinel-${index}`),
          port,
          primaryPort: nodes[0].port(),
          passwords,
        }),
      );
    }
    await waitUntil(isWhole, { timeoutMs: 30_000, what: 'the replica is known and in step' });
    const hasOthers = async () =>
      fieldsOf(await askSentinel('master', primaryName))['num-other-sentinels'] === '2';
    await waitUntil(hasOthers, { timeoutMs: 30_000, what: 'the sentinels know each other' });
  } catch (error) {
    await kill();
    throw error;
  }

  return {
    nodes,
    sentinelPorts,
    password: passwords.redis,
    sentinelPassword: passwords.sentinel,
    url: (ports = sentinelPorts) =>
      `redis+sentinel://:${passwords.redis}@${ports.map((port) => `${host}:${port}`).join(',')}/${primaryName}` +
      `?sentinelPassword=${passwords.sentinel}`,
    primary,
    failOver: async () => {
      await askSentinel('failover', primaryName);
    },
    other,
    waitUntilWhole: async () => {
      await waitUntil(isWhole, { timeoutMs: 60_000, what: 'the replica is known and in step' });
    },
    kill,
  };
};
