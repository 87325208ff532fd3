/** Our own services of a local system, each with its environment, in the order in which they start. */
import type { Service } from '@factorial/core/lifecycle/service';
import type { Ports } from './choose-ports.ts';
import { clientAudience, type Credentials, issuer } from './credentials.ts';
import { createJanitorTimer } from './janitor-timer.ts';
import type { BrokerUrls } from './run-brokers.ts';
import type { RunContext } from './run-context.ts';
import { launchService, mainArguments, type ServiceProcess } from './service-process.ts';
import type { RunSettings } from './settings.ts';

export interface RunServicesInput {
  context: RunContext;
  settings: RunSettings;
  repositoryDir: string;
  brokers: BrokerUrls;
  ports: Ports;
  credentials: Credentials;
}

type Env = Record<string, string>;

const host = '127.0.0.1';
export const pool = 'factorial';
export const localUrl = (port: number): string => `http://${host}:${port}`;

const apiEnv = ({ settings, brokers, ports, credentials }: RunServicesInput): Env => ({
  HOST: host,
  PORT: String(ports.public),
  INTERNAL_HOST: host,
  INTERNAL_PORT: String(ports.internal),
  OPS_HOST: host,
  OPS_PORT: String(ports.ops),
  REDIS_URL: brokers.redisUrl,
  AMQP_URL: brokers.amqpUrl,
  JWT_SECRET: credentials.clientKey,
  JWT_ISSUER: issuer,
  JWT_AUDIENCE: clientAudience,
  INTERNAL_JWT_SECRET: credentials.internalKey,
  // A receiver on this machine, by plain HTTP: here alone.
  WEBHOOK_KEYS: credentials.webhookKey,
  WEBHOOK_ALLOW_HTTP: 'true',
  WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8,::1/128',
  GRACE_SECONDS: '10',
  LOG_LEVEL: settings.LOG_LEVEL,
});

const workerEnv = ({ settings, brokers, ports, credentials }: RunServicesInput): Env => ({
  AMQP_URL: brokers.amqpUrl,
  INTERNAL_URL: localUrl(ports.internal),
  INTERNAL_TOKEN_FILE: credentials.workerTokenFile,
  POOL: pool,
  OPS_HOST: host,
  OPS_PORT: '0',
  GRACE_SECONDS: '10',
  LOG_LEVEL: settings.LOG_LEVEL,
  ...(settings.TASKS === undefined ? {} : { TASKS: settings.TASKS }),
  ...(settings.FACTORIAL_MAX_N === undefined ? {} : { FACTORIAL_MAX_N: settings.FACTORIAL_MAX_N }),
});

/** The scaler starts the workers: one at first, more when the queue asks for them. */
const scalerEnv = (input: RunServicesInput): Env => ({
  TARGET: 'local',
  POOLS: JSON.stringify([{ name: pool }]),
  RABBITMQ_MANAGEMENT_URL: input.brokers.managementUrl,
  INTERNAL_URL: localUrl(input.ports.internal),
  INTERNAL_TOKEN_FILE: input.credentials.scalerTokenFile,
  LOCAL_WORKER_COMMAND: JSON.stringify([process.execPath, ...mainArguments(input.repositoryDir, 'worker')]),
  LOCAL_WORKER_ENV: JSON.stringify(workerEnv(input)),
  LOCAL_WORKER_LOG_DIR: input.context.local.file('log'),
  LOCAL_WORKER_GRACE_SECONDS: '15',
  OPS_HOST: host,
  OPS_PORT: String(input.ports.scalerOps),
  LOG_LEVEL: input.settings.LOG_LEVEL,
});

const janitorEnv = ({ settings, brokers }: RunServicesInput): Env => ({
  REDIS_URL: brokers.redisUrl,
  LOG_LEVEL: settings.LOG_LEVEL,
});

export const prepareServices = (input: RunServicesInput): Service[] => {
  const { context, repositoryDir, ports } = input;
  const supervise = (service: Pick<ServiceProcess, 'name' | 'opsPort' | 'env' | 'stopMs'>): Service => {
    const logFile = context.local.log(service.name);
    return context.supervise(service.name, launchService({ ...service, repositoryDir, logFile }));
  };
  return [
    supervise({ name: 'api', opsPort: ports.ops, env: apiEnv(input), stopMs: 15_000 }),
    supervise({ name: 'scaler', opsPort: ports.scalerOps, env: scalerEnv(input), stopMs: 25_000 }),
    createJanitorTimer(context, { repositoryDir, env: janitorEnv(input), pauseMs: 60_000 }),
  ];
};
