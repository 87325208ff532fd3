/** What the janitor is told by its environment. */
import { flag, integer, logLevel, redisTag, redisUrl } from '@factorial/core/config/fields';
import { z } from 'zod';

export const janitorConfigSchema = z.object({
  REDIS_URL: redisUrl().describe(
    'Redis, with user and password where it asks for them; with Sentinel as for the api',
  ),
  REDIS_TAG: redisTag().default('factorial').describe('parts two installations on one Redis'),
  MAX_BYTES: integer(1_048_576, 1_099_511_627_776)
    .default(96 * 1_048_576)
    .describe(
      'bytes of inputs, outputs and told events that finished jobs may fill before the oldest and largest go',
    ),
  DEADLINE_SECONDS: integer(1, 3_600).default(50).describe('a run stops by itself after this time'),
  DRY_RUN: flag().default(false).describe('true: only report what would be done'),
  LOG_LEVEL: logLevel().default('info').describe('trace, debug, info, warn, error, fatal or silent'),
});
