/** The processes of a test system, and what each is told by its environment. */
import { join, resolve } from 'node:path';
import { freePort } from '../brokers/free-port.ts';
import { type Program, startProgram } from '../programs/program.ts';
import { clientAudience, type Credentials, issuer } from '../run/credentials.ts';
import { localUrl, pool } from '../run/run-services.ts';
import { launchService, mainArguments } from '../run/service-process.ts';
import { createRestartable, type Restartable } from './restartable.ts';
import type { SystemBrokers } from './system-brokers.ts';
import type { Route, Way } from './system-links.ts';

export interface ServicesOptions {
  dir: string;
  credentials: Credentials;
  brokers: Pick<SystemBrokers, 'redisUrl' | 'amqpUrl' | 'managementUrl'>;
  route: Route;
  logLevel?: string | undefined;
  /** Added to the environment of every api, worker and scaler. */
  apiEnv?: Readonly<Record<string, string>> | undefined;
  workerEnv?: Readonly<Record<string, string>> | undefined;
  scalerEnv?: Readonly<Record<string, string>> | undefined;
}

export interface ApiPorts {
  public: number;
  internal: number;
}

export const repositoryDir = resolve(import.meta.dirname, '../..');
const host = '127.0.0.1';

type Env = Record<string, string>;

const common = ({ logLevel = 'warn' }: ServicesOptions): Env => ({ OPS_HOST: host, LOG_LEVEL: logLevel });

/** @param name the service's, and a number behind it where there are several. */
const createService = (
  { dir }: ServicesOptions,
  name: string,
  makeEnv: (opsPort: number) => Promise<Env>,
): Restartable =>
  createRestartable(async () => {
    const opsPort = await freePort(Math.random);
    const folder = name.replace(/-\d+$/, '');
    const logFile = join(dir, `${name}.log`);
    const env = { ...(await makeEnv(opsPort)), OPS_PORT: String(opsPort) };
    const launch = launchService({ name: folder, repositoryDir, env, logFile, opsPort, stopMs: 20_000 });
    let pid = 0;
    const running = await launch(AbortSignal.timeout(60_000), (started) => {
      pid = started;
    });
    return { ...running, pid };
  });

export const createApiService = (options: ServicesOptions, index: number, ports: ApiPorts): Restartable => {
  const { brokers, credentials, route } = options;
  return createService(options, `api-${index}`, async () => ({
    ...common(options),
    HOST: host,
    PORT: String(ports.public),
    INTERNAL_HOST: host,
    INTERNAL_PORT: String(ports.internal),
    REDIS_URL: await route({ link: 'api-redis' }, brokers.redisUrl),
    AMQP_URL: await route({ link: 'api-rabbitmq' }, brokers.amqpUrl),
    JWT_SECRET: credentials.clientKey,
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: clientAudience,
    INTERNAL_JWT_SECRET: credentials.internalKey,
    ...options.apiEnv,
  }));
};

/** Where a system's workers and its scaler find the api. */
export type InternalUrls = readonly [string, ...string[]];

const workerEnv = async (
  options: ServicesOptions,
  internalUrls: InternalUrls,
  from: Pick<Way, 'worker'> = {},
): Promise<Env> => ({
  ...common(options),
  AMQP_URL: await options.route({ link: 'worker-rabbitmq', ...from }, options.brokers.amqpUrl),
  INTERNAL_URL: await options.route({ link: 'worker-api', ...from }, ...internalUrls),
  INTERNAL_TOKEN_FILE: options.credentials.workerTokenFile,
  POOL: pool,
  ...options.workerEnv,
});

export const createWorkerService = (
  options: ServicesOptions,
  index: number,
  internalUrls: InternalUrls,
): Restartable =>
  createService(options, `worker-${index}`, async (opsPort) => ({
    ...(await workerEnv(options, internalUrls, { worker: index })),
    WORKER_ID: `worker-${index}-${opsPort}`,
  }));

export const createScalerService = (options: ServicesOptions, internalUrls: InternalUrls): Restartable =>
  createService(options, 'scaler', async () => ({
    ...common(options),
    TARGET: 'local',
    POOLS: JSON.stringify([{ name: pool }]),
    RABBITMQ_MANAGEMENT_URL: await options.route({ link: 'scaler-rabbitmq' }, options.brokers.managementUrl),
    INTERNAL_URL: await options.route({ link: 'scaler-api' }, ...internalUrls),
    INTERNAL_TOKEN_FILE: options.credentials.scalerTokenFile,
    LOCAL_WORKER_COMMAND: JSON.stringify([process.execPath, ...mainArguments(repositoryDir, 'worker')]),
    LOCAL_WORKER_ENV: JSON.stringify({ ...(await workerEnv(options, internalUrls)), OPS_PORT: '0' }),
    LOCAL_WORKER_LOG_DIR: options.dir,
    ...options.scalerEnv,
  }));

/** One run of the janitor. */
export const startJanitor = async (options: ServicesOptions): Promise<Program> =>
  startProgram({
    command: process.execPath,
    args: mainArguments(repositoryDir, 'janitor'),
    env: {
      ...process.env,
      REDIS_URL: await options.route({ link: 'janitor-redis' }, options.brokers.redisUrl),
      LOG_LEVEL: options.logLevel ?? 'warn',
    },
    cwd: repositoryDir,
    logFile: join(options.dir, 'janitor.log'),
  });

export const internalUrlOf = (ports: ApiPorts): string => localUrl(ports.internal);
