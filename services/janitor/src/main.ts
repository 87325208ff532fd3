/** One run of the janitor: all rules, a summary on the log, exit code 1 if a rule failed or the time did not suffice. */
import { loadConfigOrExit } from '@factorial/core/config/load-config';
import { createScriptRunner } from '@factorial/core/jobs/job-scripts';
import { createRedisJobRepair } from '@factorial/core/jobs/redis-job-repair';
import { createRedisJobRetention } from '@factorial/core/jobs/redis-job-retention';
import { defaultStoreSettings } from '@factorial/core/jobs/store-settings';
import { createLogger } from '@factorial/core/ops/logger';
import { createKeys } from '@factorial/core/redis/keys';
import { connectRedis, createRedisClient } from '@factorial/core/redis/redis-client';
import { janitorConfigSchema } from './config.ts';
import { byteBudget } from './rules/byte-budget.ts';
import { expiredJobs } from './rules/expired-jobs.ts';
import { orphans } from './rules/orphans.ts';
import { exitCodeOf, sweep } from './sweep.ts';

const config = loadConfigOrExit(janitorConfigSchema, process.env);
const logger = createLogger('janitor', config.LOG_LEVEL);
const redis = createRedisClient({ url: config.REDIS_URL, logger });
const keys = createKeys(config.REDIS_TAG);
const store = { redis, keys, settings: defaultStoreSettings, run: createScriptRunner(redis, keys) };
const retention = createRedisJobRetention(store);

/** The batch under way is the last one then. As a container's first process it would not hear of a signal otherwise. */
const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());

try {
  await connectRedis(redis);
  const summary = await sweep({
    rules: [
      expiredJobs(retention),
      byteBudget(retention, config.MAX_BYTES),
      orphans(createRedisJobRepair(store)),
    ],
    logger,
    dryRun: config.DRY_RUN,
    signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(config.DEADLINE_SECONDS * 1_000)]),
  });
  process.exitCode = exitCodeOf(summary);
} catch (err) {
  logger.fatal({ err }, 'redis cannot be reached');
  process.exitCode = 1;
} finally {
  redis.disconnect();
}
