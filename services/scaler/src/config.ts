/** The scaler's configuration: one schema, a description for each variable. */
import { availableParallelism } from 'node:os';
import { flag, integer, json, logLevel, port, url, urls } from '@factorial/core/config/fields';
import { inCluster } from '@factorial/core/kubernetes/kubernetes-client';
import { z } from 'zod';
import { poolsField, type PoolConfig } from './config-pools.ts';

const words = z.tuple([z.string().min(1)], z.string(), 'has to be a JSON list of words, the program first');
const variables = z.record(z.string(), z.string(), 'has to be a JSON object of texts');

/** Several readings have to fit into a step down, which ends before the request to drain lapses: hence the most of the time limit. */
const numbers = {
  MIN_WORKERS: integer(0, 1_000).default(1).describe('fewest workers; 0 lets the pool sleep'),
  MAX_WORKERS: integer(1, 1_000)
    .default(availableParallelism())
    .describe('most workers; the cores of this machine by default'),
  SLOTS_PER_WORKER: integer(1, 256).default(1).describe('jobs a worker runs at a time'),
  TARGET_WAIT_SECONDS: integer(1, 3_600)
    .default(10)
    .describe('a job should have started after this time; the chart sets 30, since pods start slowly'),
  IDLE_TIMEOUT_SECONDS: integer(0, 86_400)
    .default(300)
    .describe('how long the last worker lingers without work before the pool goes to 0'),
  DOWN_WINDOW_SECONDS: integer(5, 300)
    .default(15)
    .describe(
      'how long the need has to have been lower before a worker is let go; three cold starts where that is more; the chart sets 30',
    ),
  ASSUMED_SERVICE_SECONDS: integer(1, 86_400)
    .default(5)
    .describe('what a job is taken to last until the first one is done'),
  TICK_SECONDS: integer(1, 60).default(2).describe('time between two decisions'),
  READ_TIMEOUT_MS: integer(100, 5_000).default(2_000).describe('time limit of one reading'),
};

const sources = {
  RABBITMQ_MANAGEMENT_URL: urls('http', 'https').describe(
    "RabbitMQ's management API, with user and password; those of a cluster's nodes comma-separated",
  ),
  RABBITMQ_VHOST: z.string().default('/').describe('the vhost of the queue, as it is (not encoded)'),
  INTERNAL_URL: url('http', 'https').describe("the api's internal port"),
  INTERNAL_TOKEN_FILE: z
    .string()
    .describe("file with a token of audience factorial-internal and scope 'scaler'; read anew at each call"),
  POOLS: poolsField().describe(
    'JSON list of the pools that are scaled: {"name", and where needed "deployment", "minWorkers", "maxWorkers", ' +
      '"slotsPerWorker", "targetWaitSeconds", "idleTimeoutSeconds", "downWindowSeconds", "assumedServiceSeconds"}; what is ' +
      'not given comes from the variables below',
  ),
};

const local = {
  TARGET: z
    .enum(['local', 'kubernetes'])
    .default('local')
    .describe("what runs the workers: local, processes of this machine; kubernetes, a Deployment's pods"),
  LOCAL_WORKER_COMMAND: json()
    .pipe(words)
    .optional()
    .describe('JSON list: the program of a worker and its arguments; needed when TARGET is local'),
  LOCAL_WORKER_ENV: json()
    .pipe(variables)
    .prefault('{}')
    .describe(
      "JSON object: the workers' environment, beside PATH, HOME and the like; WORKER_ID and POOL are added",
    ),
  LOCAL_WORKER_LOG_DIR: z
    .string()
    .optional()
    .describe(
      "folder for the workers' logs, a file each; without it they go to our own output, line by line",
    ),
  LOCAL_WORKER_GRACE_SECONDS: integer(0, 3_600)
    .default(30)
    .describe('time from SIGTERM to SIGKILL for a worker that is stopped'),
};

const ofCluster = 'needed when TARGET is kubernetes';
const kubernetes = {
  NAMESPACE: z.string().optional().describe(`namespace of the Deployments and the Lease; ${ofCluster}`),
  LEASE_NAME: z
    .string()
    .optional()
    .describe(`the Lease by which several scalers agree on one that acts; has to exist; ${ofCluster}`),
  POD_NAME: z.string().optional().describe(`this scaler's own name among several; ${ofCluster}`),
  KUBERNETES_API_URL: url('https', 'http').default(inCluster.url).describe("Kubernetes's API server"),
  KUBERNETES_TOKEN_FILE: z
    .string()
    .default(inCluster.tokenFile)
    .describe('file with the token that is shown to it; read anew at each call'),
  KUBERNETES_CA_FILE: z
    .string()
    .default(inCluster.caFile)
    .describe('file with the authorities that may sign its certificate'),
};

const operation = {
  DRY_RUN: flag().default(false).describe('true: decide and tell, touch nothing'),
  OPS_HOST: z.string().default('0.0.0.0').describe('address of the ops port'),
  OPS_PORT: port()
    .default(9_090)
    .describe('port of /livez, /readyz, /metrics and /status; 0 takes a free one'),
  LOG_LEVEL: logLevel().default('info').describe('least important level that is logged'),
};

const fields = z.object({ ...sources, ...numbers, ...local, ...kubernetes, ...operation });
type Fields = z.output<typeof fields>;

/** Checked even where another variable is wrong: all mistakes are told at once. One that is wrong itself compares as false. */
const at = (name: keyof Fields, message: string) => ({ path: [name], message, when: () => true });

/** Those of a list that is wrong itself are none. */
const poolsOf = ({ POOLS }: Fields): readonly PoolConfig[] => (Array.isArray(POOLS) ? POOLS : []);

const poolsAreOrdered = (config: Fields): boolean =>
  poolsOf(config).every(
    ({ minWorkers = config.MIN_WORKERS, maxWorkers = config.MAX_WORKERS }) => !(minWorkers > maxWorkers),
  );

export type DeployedPool = PoolConfig & { deployment: string };

/** Says as a type what holds where the target is this one. */
type Where<Target extends Fields['TARGET'], More> = Fields &
  ({ TARGET: Exclude<Fields['TARGET'], Target> } | ({ TARGET: Target } & More));

type WithDeployments = { POOLS: DeployedPool[] };

const poolsHaveDeployments = (config: Fields): config is Where<'kubernetes', WithDeployments> =>
  config.TARGET !== 'kubernetes' || poolsOf(config).every(({ deployment }) => deployment !== undefined);

const needs = <Target extends Fields['TARGET'], Name extends keyof Fields>(target: Target, name: Name) =>
  [
    (config: Fields): config is Where<Target, { [Key in Name]: NonNullable<Fields[Key]> }> =>
      config.TARGET !== target || config[name] !== undefined,
    at(name, `has to be set when TARGET is ${target}`),
  ] as const;

export const scalerConfigSchema = fields
  .refine(
    (config) => !(config.MIN_WORKERS > config.MAX_WORKERS),
    at('MIN_WORKERS', 'has to be at most MAX_WORKERS'),
  )
  .refine(poolsAreOrdered, at('POOLS', 'has a pool whose minWorkers is above its maxWorkers'))
  .refine(poolsHaveDeployments, at('POOLS', 'has a pool without deployment, and TARGET is kubernetes'))
  .refine(...needs('local', 'LOCAL_WORKER_COMMAND'))
  .refine(...needs('kubernetes', 'NAMESPACE'))
  .refine(...needs('kubernetes', 'LEASE_NAME'))
  .refine(...needs('kubernetes', 'POD_NAME'));

export type ScalerConfig = Readonly<z.output<typeof scalerConfigSchema>>;
export type LocalConfig = Extract<ScalerConfig, { TARGET: 'local' }>;
export type KubernetesConfig = Extract<ScalerConfig, { TARGET: 'kubernetes' }>;
