/** The api's settings, from the environment. */
import { integer, logLevel, port, redisTag, redisUrl, url, urls } from '@factorial/core/config/fields';
import { inCluster } from '@factorial/core/kubernetes/kubernetes-client';
import { z } from 'zod';
import { clientTokenFields, secret } from './client-token-fields.ts';
import { serviceAccounts } from './internal/service-accounts.ts';

const mebibyte = 1024 * 1024;

/** Checked even where a variable is wrong: all mistakes are told at once. */
const always = () => true;

export const configSchema = z
  .object({
    HOST: z.string().default('0.0.0.0').describe('address of the public port'),
    PORT: port().prefault('8080').describe('public port, for clients'),
    INTERNAL_HOST: z.string().default('0.0.0.0').describe('address of the internal port'),
    INTERNAL_PORT: port().prefault('8081').describe('internal port, for workers and the scaler'),
    OPS_HOST: z.string().default('0.0.0.0').describe('address of the ops port'),
    OPS_PORT: port().prefault('9090').describe('ops port: /livez, /readyz, /metrics'),
    REDIS_URL: redisUrl().describe(
      'where the jobs are kept; with Sentinel `redis+sentinel://user:password@host:26379,host:26379/name`, `rediss+sentinel://` with TLS',
    ),
    REDIS_TAG: redisTag().default('factorial').describe('parts installations that share a Redis'),
    REDIS_WAIT_REPLICAS: integer(0, 9)
      .prefault('0')
      .describe(
        'replicas that have to confirm a write before a client or worker is answered; 0: none, an answer is not held up',
      ),
    REDIS_WAIT_CONFIRM: z
      .enum(['received', 'synced'])
      .default('received')
      .describe(
        'what a replica confirms: that it has it (`WAIT`), or that it has it on disk, and the primary too (`WAITAOF`, Redis 7.2 or newer)',
      ),
    REDIS_WAIT_TIMEOUT_MS: integer(10, 1_000)
      .prefault('500')
      .describe('how long they may take; after that the answer is 503, and a repeated request waits again'),
    AMQP_URL: urls('amqp', 'amqps').describe(
      'the message broker; the nodes of a cluster comma-separated, tried in turn',
    ),
    ...clientTokenFields,
    INTERNAL_JWT_SECRET: secret()
      .optional()
      .describe("HS256 key of workers' and the scaler's tokens, another than clients'"),
    INTERNAL_SERVICE_ACCOUNTS: serviceAccounts()
      .optional()
      .describe(
        'service accounts of the cluster that may use the internal port: ' +
          '`{"<namespace>/<name>": {"scope": "worker", "pool": "<pool>"} or {"scope": "scaler"}}`',
      ),
    INTERNAL_TOKEN_CHECK: z
      .enum(['jwks', 'tokenreview'])
      .default('jwks')
      .describe("how service accounts' tokens are checked: by the cluster's keys, or by its API server"),
    KUBERNETES_API_URL: url('https').default(inCluster.url).describe('API server of the cluster'),
    KUBERNETES_TOKEN_FILE: z
      .string()
      .default(inCluster.tokenFile)
      .describe("file with the api's own token for the API server"),
    KUBERNETES_CA_FILE: z
      .string()
      .default(inCluster.caFile)
      .describe("file with the authorities that sign the API server's certificate"),
    BODY_LIMIT_BYTES: integer(1_024, 64 * mebibyte)
      .prefault(String(mebibyte))
      .describe("largest body of a client's request"),
    OUTPUT_LIMIT_BYTES: integer(65_536, 256 * mebibyte)
      .prefault(String(64 * mebibyte))
      .describe('largest output of a job before compression'),
    MAX_PENDING: integer(1, 10_000_000).prefault('100000').describe('unfinished jobs in all'),
    MAX_PENDING_PER_OWNER: integer(1, 10_000_000).prefault('20000').describe('unfinished jobs of one owner'),
    MAX_STREAMS: integer(1, 100_000)
      .prefault('1500')
      .describe('event streams and WebSockets open on this replica; 1,000 take some 120 MiB'),
    MAX_STREAMS_PER_OWNER: integer(1, 100_000)
      .prefault('1000')
      .describe('event streams and WebSockets of one owner open on this replica'),
    MAX_BYTES: integer(mebibyte, 10 ** 14)
      .prefault(String(128 * mebibyte))
      .describe('bytes of inputs and outputs held'),
    RETENTION_SECONDS: integer(1, 2_592_000).prefault('86400').describe('how long a finished job is kept'),
    LOG_LEVEL: logLevel().default('info').describe('least severe log line that is written'),
    GRACE_SECONDS: integer(0, 600)
      .prefault('20')
      .describe('how long busy requests may go on after a stop was asked for'),
  })
  .refine(({ JWT_SECRET, JWT_JWKS_FILE }) => JWT_SECRET !== undefined || JWT_JWKS_FILE !== undefined, {
    path: ['JWT_SECRET'],
    message: 'is missing, and so is JWT_JWKS_FILE: one of them is needed',
    when: always,
  })
  .refine(
    ({ INTERNAL_JWT_SECRET, INTERNAL_SERVICE_ACCOUNTS }) =>
      INTERNAL_JWT_SECRET !== undefined || INTERNAL_SERVICE_ACCOUNTS !== undefined,
    {
      path: ['INTERNAL_JWT_SECRET'],
      message: 'is missing, and so is INTERNAL_SERVICE_ACCOUNTS: one of them is needed',
      when: always,
    },
  )
  .refine(
    ({ JWT_SECRET, INTERNAL_JWT_SECRET }) => JWT_SECRET === undefined || JWT_SECRET !== INTERNAL_JWT_SECRET,
    {
      path: ['INTERNAL_JWT_SECRET'],
      message: "has to be another key than JWT_SECRET: clients could make workers' tokens",
      when: always,
    },
  );

export type Config = z.output<typeof configSchema>;
