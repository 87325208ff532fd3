/** The api process: settings in, services running. */
import { loadConfigOrExit } from '@factorial/core/config/load-config';
import { runServices } from '@factorial/core/lifecycle/run-services';
import { createLogger } from '@factorial/core/ops/logger';
import { configSchema } from './config.ts';
import { createApi } from './create-api.ts';

const config = loadConfigOrExit(configSchema, process.env);
const logger = createLogger('api', config.LOG_LEVEL);
const { services } = await createApi(config, logger);
await runServices({ services, logger, graceMs: config.GRACE_SECONDS * 1_000 });
