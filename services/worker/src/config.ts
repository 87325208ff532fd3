/** What a worker is told by its environment. */
import { flag, integer, logLevel, port, slug, url, urls } from '@factorial/core/config/fields';
import { z } from 'zod';

const mebibyte = 1024 * 1024;

const workerId = () =>
  z.string().regex(/^[\w.-]{1,128}$/, 'has to be up to 128 letters, digits, ".", "_" and "-"');

/** Comma-separated, in order, blanks and empty parts left out. */
const folders = () =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .refine((parts) => parts.length > 0, 'has to name at least one folder');

export const configSchema = z.object({
  AMQP_URL: urls('amqp', 'amqps').describe(
    'the message broker; the nodes of a cluster comma-separated, tried in turn',
  ),
  INTERNAL_URL: url('http', 'https').describe("the api's internal port"),
  INTERNAL_TOKEN_FILE: z.string().describe("file with the worker's token; read again when it is renewed"),
  POOL: slug().default('factorial').describe('the pool whose queue is worked on'),
  WORKER_ID: workerId().optional().describe('name of this worker; the host and a random part where not set'),
  SLOTS: integer(1, 64).prefault('1').describe('jobs run at a time, each in a process of its own'),
  TASKS: folders().optional().describe('task folders, comma-separated; the built-in factorial where not set'),
  FACTORIAL_MAX_N: integer(0, 10_000_000).prefault('1000000').describe('largest n of the built-in factorial'),
  OUTPUT_LIMIT_BYTES: integer(65_536, 256 * mebibyte)
    .prefault(String(64 * mebibyte))
    .describe('largest output of a job'),
  GRACE_SECONDS: integer(0, 86_400)
    .prefault('20')
    .describe('how long a running job may go on after a stop was asked for'),
  EXIT_WITH_PARENT: flag()
    .default(false)
    .describe('true: stop when stdin ends, as a local supervisor wants it'),
  OPS_HOST: z.string().default('0.0.0.0').describe('address of the ops port'),
  OPS_PORT: port().prefault('9090').describe('ops port: /livez, /readyz, /metrics; 0: any'),
  LOG_LEVEL: logLevel().default('info').describe('least severe log line that is written'),
});

export type WorkerConfig = Readonly<z.output<typeof configSchema>>;
