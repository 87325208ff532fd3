/** What `make run` can be told by its environment. */
import { integer, logLevel, url } from '@factorial/core/config/fields';
import { z } from 'zod';

const ownPort = () => integer(1, 65_535).optional();

export const runSettingsSchema = z.object({
  PORT: ownPort().describe('public port; 8080 or, when that is taken, a free one'),
  INTERNAL_PORT: ownPort().describe(
    'port for workers and the scaler; 8081 or, when that is taken, a free one',
  ),
  OPS_PORT: ownPort().describe("the api's ops port; 9090 or, when that is taken, a free one"),
  AMQP_URL: url('amqp', 'amqps').optional().describe('a RabbitMQ of yours, with user and password'),
  RABBITMQ_MANAGEMENT_URL: url('http', 'https')
    .optional()
    .describe('its management API, with user and password'),
  REDIS_URL: url('redis', 'rediss').optional().describe('a Redis of yours'),
  REDIS_APPENDFSYNC: z
    .enum(['always', 'everysec'])
    .default('always')
    .describe(
      'when the private Redis writes through to the disk; everysec may lose a second of accepted jobs',
    ),
  TASKS: z
    .string()
    .optional()
    .describe('task folders for the workers, comma-separated; factorial without it'),
  FACTORIAL_MAX_N: z.string().optional().describe('largest n of the built-in factorial'),
  LOG_LEVEL: logLevel().default('info').describe('trace, debug, info, warn, error, fatal or silent'),
});
export type RunSettings = z.output<typeof runSettingsSchema>;
