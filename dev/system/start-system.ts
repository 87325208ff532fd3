/** A whole system of its own for a test or a benchmark: brokers, api and workers as real processes that can be killed and started again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mintToken } from '@factorial/core/auth/mint-token';
import { createKeys } from '@factorial/core/redis/keys';
import { Redis } from 'ioredis';
import { freePort } from '../brokers/free-port.ts';
import type { Program } from '../programs/program.ts';
import { awaitWorker } from '../run/await-worker.ts';
import { clientAudience, issuer, prepareCredentials } from '../run/credentials.ts';
import { localUrl, pool } from '../run/run-services.ts';
import type { Restartable } from './restartable.ts';
import {
  asSystemBrokers,
  type OtherBrokers,
  startSystemBrokers,
  type SystemBrokers,
  type SystemBrokerOptions,
} from './system-brokers.ts';
import { directRoute, type Route } from './system-links.ts';
import {
  type ApiPorts,
  createApiService,
  createScalerService,
  createWorkerService,
  internalUrlOf,
  type ServicesOptions,
  startJanitor,
} from './system-services.ts';

export interface SystemOptions
  extends
    Pick<SystemBrokerOptions, 'appendfsync' | 'brokerEnv'>,
    Pick<ServicesOptions, 'apiEnv' | 'workerEnv' | 'scalerEnv' | 'logLevel'> {
  workers: number;
  /** Default: one. */
  apis?: number;
  /** Starts the scaler, which starts workers of its own. */
  scaler?: boolean;
  /** Default: the parts reach each other directly. */
  route?: Route;
  /** Default: one private RabbitMQ and one private Redis. */
  brokers?: (dir: string) => Promise<OtherBrokers>;
}

export interface System extends SystemBrokers {
  /** Of the first api. */
  apiUrl: string;
  /** Of all of them, straight. */
  apiUrls: readonly string[];
  internalUrl: string;
  token: string;
  adminToken: string;
  /** File with a token of the scope `worker`. */
  workerTokenFile: string;
  /** The first of the apis. */
  api: Restartable;
  apis: Restartable[];
  workers: Restartable[];
  scaler: Restartable;
  /** Starts one run of the janitor. */
  runJanitor: () => Promise<Program>;
  /** The worker that holds this job; undefined when none does. */
  holderOf: (id: string) => Promise<Restartable | undefined>;
  /** A field of a job's record, straight from Redis. */
  fieldOf: (id: string, field: string) => Promise<string | null>;
  /** A client token for another owner. */
  tokenFor: (subject: string) => Promise<string>;
  /** Where its logs and data are. */
  dir: string;
  /** Ends every process and deletes the data. */
  stop: () => Promise<void>;
}

/** One at a time: a port is free until it is used. */
const choosePorts = async (count: number): Promise<[ApiPorts, ...ApiPorts[]]> => {
  const choose = async (): Promise<ApiPorts> => ({
    public: await freePort(Math.random),
    internal: await freePort(Math.random),
  });
  const ports: [ApiPorts, ...ApiPorts[]] = [await choose()];
  while (ports.length < count) ports.push(await choose());
  return ports;
};

export const startSystem = async (options: SystemOptions): Promise<System> => {
  const { route = directRoute } = options;
  const dir = await mkdtemp(join(tmpdir(), 'factorial-system-'));
  const credentials = await prepareCredentials(dir, Date.now());
  const brokers = options.brokers
    ? asSystemBrokers(await options.brokers(dir))
    : await startSystemBrokers({ ...options, dir });
  const services: ServicesOptions = { ...options, dir, credentials, brokers, route };
  const [first, ...others] = await choosePorts(options.apis ?? 1);
  const internalUrls = [internalUrlOf(first), ...others.map(internalUrlOf)] as const;
  const apis = [first, ...others].map((ports, index) => createApiService(services, index, ports));
  const workers = Array.from({ length: options.workers }, (_, index) =>
    createWorkerService(services, index, internalUrls),
  );
  const scaler = createScalerService(services, internalUrls);
  const stop = async (): Promise<void> => {
    await scaler.stop();
    await Promise.all([...workers, ...apis].map(async (service) => service.kill()));
    await Promise.all([brokers.redis.kill(), brokers.rabbitmq.kill()]);
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    for (const api of apis) await api.start();
    await Promise.all(workers.map(async (worker) => worker.start()));
    if (options.scaler) await scaler.start();
    const logFile = join(dir, options.workers > 0 ? 'worker-0.log' : 'worker-1.log');
    const awaited = { logFile, token: credentials.scalerToken, pool, timeoutMs: 30_000 };
    if (workers.length > 0 || options.scaler)
      await awaitWorker({ ...awaited, internalUrl: internalUrls[0], signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    await stop();
    throw error;
  }
  const fieldOf = async (id: string, field: string): Promise<string | null> => {
    const redis = new Redis(brokers.redisUrl);
    const value = await redis.hget(createKeys('factorial').job(id), field);
    redis.disconnect();
    return value;
  };
  const holderOf = async (id: string): Promise<Restartable | undefined> => {
    const worker = await fieldOf(id, 'worker');
    return worker === null ? undefined : workers[Number(worker.split('-')[1])];
  };
  const tokenFor = async (subject: string): Promise<string> =>
    mintToken(credentials.clientKey, {
      subject,
      issuer,
      audience: clientAudience,
      scopes: ['jobs:read', 'jobs:write'],
      nowMs: Date.now(),
      lifetimeSeconds: 3_600,
    });
  const apiUrls = [localUrl(first.public), ...others.map((ports) => localUrl(ports.public))] as const;
  const [api] = apis;
  if (!api) throw new Error('a system has an api');
  return {
    ...brokers,
    apiUrls,
    apiUrl: await route({ link: 'client-api' }, ...apiUrls),
    internalUrl: internalUrls[0],
    token: credentials.token,
    adminToken: credentials.adminToken,
    workerTokenFile: credentials.workerTokenFile,
    api,
    apis,
    workers,
    scaler,
    runJanitor: async () => startJanitor(services),
    holderOf,
    fieldOf,
    tokenFor,
    dir,
    stop,
  };
};
