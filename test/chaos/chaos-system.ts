/** The system under fault: real processes, each pair of them connected through a network of their own that can be broken. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTcpProxy, type TcpProxy } from '@factorial/core/testing/tcp-proxy';
import { pool } from '../../dev/run/run-services.ts';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import type { LinkName, Route } from '../../dev/system/system-links.ts';
import type { Restartable } from '../../dev/system/restartable.ts';
import { createQueueAccess, type QueueAccess } from './faults/queue-access.ts';
import { createSlowDisk, type SlowDisk } from './disk/slow-disk.ts';
import { childrenOf } from './processes/find-processes.ts';

export interface ChaosSystemOptions {
  /** Where this run keeps what is not the system's. */
  dir: string;
  /** The library of the slow disk; undefined: disks are as fast as they are. */
  slowFsync: string | undefined;
  appendfsync?: 'always' | 'everysec';
  /** Added to the environment of apis and workers. */
  serviceEnv?: Readonly<Record<string, string>>;
}

export interface ChaosSystem extends QueueAccess {
  system: System;
  links: Readonly<Record<LinkName, () => TcpProxy | undefined>>;
  /** What this run starts again itself, by the names of the schedule. */
  programs: Readonly<
    Record<'redis' | 'rabbitmq' | 'api-0' | 'api-1' | 'worker-0' | 'worker-1' | 'scaler', Restartable>
  >;
  scaledWorkers: () => Promise<number[]>;
  runners: () => Promise<number[]>;
  wipeRabbitmq: () => Promise<void>;
  setFsyncDelay: (part: 'redis' | 'rabbitmq', ms: number) => Promise<void>;
  stop: () => Promise<void>;
}

const taskFolder = join(import.meta.dirname, 'task');

/** A proxy for each link, made when the first of its ends asks for it: a broker keeps its address over its lives. */
const createNetwork = () => {
  const proxies = new Map<LinkName, Promise<TcpProxy>>();
  const open = new Map<LinkName, TcpProxy>();
  const route: Route = async ({ link }, ...targets) => {
    const proxy = proxies.get(link) ?? startTcpProxy(...targets);
    proxies.set(link, proxy);
    open.set(link, await proxy);
    return (await proxy).url;
  };
  return {
    route,
    get: (link: LinkName) => (): TcpProxy | undefined => open.get(link),
    close: async () => void (await Promise.all([...open.values()].map(async (proxy) => proxy.close()))),
  };
};

const required = (program: Restartable | undefined): Restartable => {
  if (!program) throw new Error('a part of the system is missing');
  return program;
};

const createDisks = async ({ dir, slowFsync }: ChaosSystemOptions) => {
  const make = async (name: 'redis' | 'rabbitmq'): Promise<SlowDisk | undefined> => {
    if (slowFsync === undefined) return undefined;
    const delayFile = join(dir, `${name}-fsync-ms`);
    await writeFile(delayFile, '0');
    return createSlowDisk(slowFsync, delayFile);
  };
  return { redis: await make('redis'), rabbitmq: await make('rabbitmq') };
};

export const startChaosSystem = async (options: ChaosSystemOptions): Promise<ChaosSystem> => {
  const network = createNetwork();
  const disks = await createDisks(options);
  const env = { CHAOS_RUN: options.dir, ...options.serviceEnv };
  const workerEnv = { ...env, TASKS: taskFolder, SLOTS: '3', GRACE_SECONDS: '5' };
  const system = await startSystem({
    apis: 2,
    workers: 2,
    scaler: true,
    route: network.route,
    apiEnv: { ...env, GRACE_SECONDS: '5' },
    workerEnv,
    scalerEnv: {
      ...env,
      POOLS: JSON.stringify([{ name: pool, minWorkers: 1, maxWorkers: 2, downWindowSeconds: 5 }]),
    },
    brokerEnv: {
      ...(disks.redis && { redis: disks.redis.env }),
      ...(disks.rabbitmq && { rabbitmq: disks.rabbitmq.env }),
    },
    ...(options.appendfsync && { appendfsync: options.appendfsync }),
  });
  const scaledWorkers = async (): Promise<number[]> => childrenOf(system.scaler.pid());
  return {
    ...createQueueAccess(system.managementUrl, `${pool}_process`),
    system,
    links: {
      'client-api': network.get('client-api'),
      'api-redis': network.get('api-redis'),
      'api-rabbitmq': network.get('api-rabbitmq'),
      'worker-api': network.get('worker-api'),
      'worker-rabbitmq': network.get('worker-rabbitmq'),
      'scaler-api': network.get('scaler-api'),
      'scaler-rabbitmq': network.get('scaler-rabbitmq'),
      'janitor-redis': network.get('janitor-redis'),
    },
    programs: {
      redis: system.redis,
      rabbitmq: system.rabbitmq,
      'api-0': required(system.apis[0]),
      'api-1': required(system.apis[1]),
      'worker-0': required(system.workers[0]),
      'worker-1': required(system.workers[1]),
      scaler: system.scaler,
    },
    scaledWorkers,
    runners: async () => {
      const workers = [...system.workers.map((worker) => worker.pid()), ...(await scaledWorkers())];
      return (await Promise.all(workers.filter((pid) => pid > 0).map(childrenOf))).flat();
    },
    wipeRabbitmq: system.wipeRabbitmq,
    setFsyncDelay: async (part, ms) => disks[part]?.setDelay(ms),
    stop: async () => {
      await system.stop();
      await network.close();
    },
  };
};
