/** A whole system of its own for a test or a benchmark: brokers, api and workers as real processes that can be killed and started again. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mintToken } from '@factorial/core/auth/mint-token';
import { createKeys } from '@factorial/core/redis/keys';
import { Redis } from 'ioredis';
import { ensureBrokers } from '../brokers/ensure-brokers.ts';
import { freePort } from '../brokers/free-port.ts';
import { startRabbitmq } from '../brokers/start-rabbitmq.ts';
import { startRedis } from '../brokers/start-redis.ts';
import { awaitWorker } from '../run/await-worker.ts';
import { clientAudience, type Credentials, issuer, prepareCredentials } from '../run/credentials.ts';
import { localUrl, pool } from '../run/run-services.ts';
import { launchService, mainArguments } from '../run/service-process.ts';
import { createRestartable, type Restartable } from './restartable.ts';

export interface SystemOptions {
  workers: number;
  appendfsync?: 'always' | 'everysec';
  /** Added to the environment of every api and worker. */
  apiEnv?: Readonly<Record<string, string>>;
  workerEnv?: Readonly<Record<string, string>>;
  logLevel?: string;
  /** Starts the scaler, which starts workers of its own. */
  scaler?: boolean;
  /** Default: one private RabbitMQ and one private Redis. */
  brokers?: (dir: string) => Promise<SystemBrokers>;
}

/** What a system stands on; its URLs are asked for anew at each start of a service. */
export interface SystemBrokers {
  redis: Restartable;
  rabbitmq: Restartable;
  redisUrl: () => string;
  amqpUrl: () => string;
  managementUrl: () => string;
}

export interface System {
  apiUrl: string;
  internalUrl: string;
  token: string;
  adminToken: string;
  /** File with a token of the scope `worker`. */
  workerTokenFile: string;
  amqpUrl: string;
  redisUrl: string;
  rabbitmq: Restartable;
  redis: Restartable;
  api: Restartable;
  workers: Restartable[];
  scaler: Restartable;
  /** The worker that holds this job; undefined when none does. */
  holderOf: (id: string) => Promise<Restartable | undefined>;
  /** A field of a job's record, straight from Redis. */
  fieldOf: (id: string, field: string) => Promise<string | null>;
  /** A client token for another owner. */
  tokenFor: (subject: string) => Promise<string>;
  /** Ends every process and deletes the data. */
  stop: () => Promise<void>;
}

const repositoryDir = resolve(import.meta.dirname, '../..');
const host = '127.0.0.1';

interface Parts {
  options: SystemOptions;
  dir: string;
  credentials: Credentials;
  amqpUrl: () => string;
  managementUrl: () => string;
  redisUrl: () => string;
}

const common = ({ options }: Parts) => ({ OPS_HOST: host, LOG_LEVEL: options.logLevel ?? 'warn' });

const service = (
  parts: Parts,
  name: string,
  make: () => Promise<{ env: Record<string, string>; opsPort: number }>,
) =>
  createRestartable(async () => {
    const { env, opsPort } = await make();
    const folder = name.replace(/-\d+$/, '');
    const logFile = join(parts.dir, `${name}.log`);
    const launch = launchService({ name: folder, repositoryDir, env, logFile, opsPort, stopMs: 20_000 });
    let pid = 0;
    const running = await launch(AbortSignal.timeout(60_000), (started) => {
      pid = started;
    });
    return { ...running, pid };
  });

const apiEnv = async (parts: Parts, ports: { public: number; internal: number }) => {
  const opsPort = await freePort(Math.random);
  const env = {
    ...common(parts),
    HOST: host,
    PORT: String(ports.public),
    INTERNAL_HOST: host,
    INTERNAL_PORT: String(ports.internal),
    OPS_PORT: String(opsPort),
    REDIS_URL: parts.redisUrl(),
    AMQP_URL: parts.amqpUrl(),
    JWT_SECRET: parts.credentials.clientKey,
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: clientAudience,
    INTERNAL_JWT_SECRET: parts.credentials.internalKey,
    ...parts.options.apiEnv,
  };
  return { env, opsPort };
};

const workerEnv = async (parts: Parts, index: number, internalUrl: string) => {
  const opsPort = await freePort(Math.random);
  const env = {
    ...common(parts),
    AMQP_URL: parts.amqpUrl(),
    INTERNAL_URL: internalUrl,
    INTERNAL_TOKEN_FILE: parts.credentials.workerTokenFile,
    POOL: pool,
    WORKER_ID: `worker-${index}-${opsPort}`,
    OPS_PORT: String(opsPort),
    ...parts.options.workerEnv,
  };
  return { env, opsPort };
};

const scalerEnv = async (parts: Parts, internalUrl: string) => {
  const opsPort = await freePort(Math.random);
  const { env: ofWorker } = await workerEnv(parts, 0, internalUrl);
  const { WORKER_ID: _chosenByScaler, ...inherited } = ofWorker;
  const env = {
    ...common(parts),
    TARGET: 'local',
    POOLS: JSON.stringify([{ name: pool }]),
    RABBITMQ_MANAGEMENT_URL: parts.managementUrl(),
    INTERNAL_URL: internalUrl,
    INTERNAL_TOKEN_FILE: parts.credentials.scalerTokenFile,
    LOCAL_WORKER_COMMAND: JSON.stringify([process.execPath, ...mainArguments(repositoryDir, 'worker')]),
    LOCAL_WORKER_ENV: JSON.stringify({ ...inherited, OPS_PORT: '0' }),
    LOCAL_WORKER_LOG_DIR: parts.dir,
    OPS_PORT: String(opsPort),
  };
  return { env, opsPort };
};

const startBrokersIn = async (dir: string, options: SystemOptions): Promise<SystemBrokers> => {
  const sources = await ensureBrokers(process.env);
  await Promise.all(['redis', 'rabbitmq'].map(async (name) => mkdir(join(dir, name))));
  let redisUrl = '';
  let amqpUrl = '';
  let managementUrl = '';
  const redis = createRestartable(async () => {
    const { appendfsync = 'always' } = options;
    const broker = await startRedis({ source: sources.redis, dataDir: join(dir, 'redis'), appendfsync });
    redisUrl = broker.url;
    return broker;
  });
  const rabbitmq = createRestartable(async () => {
    const broker = await startRabbitmq({ source: sources.rabbitmq, dataDir: join(dir, 'rabbitmq') });
    amqpUrl = broker.url;
    managementUrl = broker.managementUrl;
    return broker;
  });
  await Promise.all([redis.start(), rabbitmq.start()]);
  return {
    redis,
    rabbitmq,
    redisUrl: () => redisUrl,
    amqpUrl: () => amqpUrl,
    managementUrl: () => managementUrl,
  };
};

export const startSystem = async (options: SystemOptions): Promise<System> => {
  const dir = await mkdtemp(join(tmpdir(), 'factorial-system-'));
  const credentials = await prepareCredentials(dir, Date.now());
  const { redis, rabbitmq, ...urls } = await (options.brokers?.(dir) ?? startBrokersIn(dir, options));
  const parts: Parts = { options, dir, credentials, ...urls };
  const ports = { public: await freePort(Math.random), internal: await freePort(Math.random) };
  const internalUrl = localUrl(ports.internal);
  const api = service(parts, 'api', async () => apiEnv(parts, ports));
  const workers = Array.from({ length: options.workers }, (_, index) =>
    service(parts, `worker-${index}`, async () => workerEnv(parts, index, internalUrl)),
  );
  const scaler = service(parts, 'scaler', async () => scalerEnv(parts, internalUrl));
  const stop = async (): Promise<void> => {
    await scaler.stop();
    await Promise.all(workers.map(async (worker) => worker.kill()));
    await api.kill();
    await Promise.all([redis.kill(), rabbitmq.kill()]);
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await api.start();
    await Promise.all(workers.map(async (worker) => worker.start()));
    if (options.scaler) await scaler.start();
    const logFile = join(dir, options.workers > 0 ? 'worker-0.log' : 'worker-1.log');
    const awaited = { logFile, internalUrl, token: credentials.scalerToken, pool, timeoutMs: 30_000 };
    if (workers.length > 0 || options.scaler)
      await awaitWorker({ ...awaited, signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    await stop();
    throw error;
  }
  const fieldOf = async (id: string, field: string): Promise<string | null> => {
    const redis = new Redis(urls.redisUrl());
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
  return {
    apiUrl: localUrl(ports.public),
    internalUrl,
    token: credentials.token,
    adminToken: credentials.adminToken,
    workerTokenFile: credentials.workerTokenFile,
    amqpUrl: urls.amqpUrl(),
    redisUrl: urls.redisUrl(),
    rabbitmq,
    redis,
    api,
    workers,
    scaler,
    holderOf,
    fieldOf,
    tokenFor,
    stop,
  };
};
