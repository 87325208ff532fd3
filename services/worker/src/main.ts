/** The worker: takes jobs from the queue, runs them in a child process, tells the api. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { loadConfigOrExit } from '@factorial/core/config/load-config';
import { runServices } from '@factorial/core/lifecycle/run-services';
import { createLogger } from '@factorial/core/ops/logger';
import { createMetrics } from '@factorial/core/ops/metrics';
import { createOpsServer } from '@factorial/core/ops/ops-server';
import { configSchema } from './config.ts';
import { createWorker } from './create-worker.ts';
import { canReadMemory } from './runner/resident-memory.ts';
import { loadTasksOrExit } from './tasks/load-tasks.ts';

const config = loadConfigOrExit(configSchema, process.env);
const workerId = config.WORKER_ID ?? `${hostname()}-${randomBytes(4).toString('hex')}`;
const logger = createLogger('worker', config.LOG_LEVEL).child({ workerId });
const metrics = createMetrics('worker');
const tasks = await loadTasksOrExit({
  folders: config.TASKS ?? [fileURLToPath(new URL('./tasks/factorial', import.meta.url))],
  pool: config.POOL,
  env: process.env,
});
if (!canReadMemory())
  logger.warn('this system does not tell how much memory runners use: limits.memoryMiB is not kept');

const stop = (): void => {
  process.kill(process.pid, 'SIGTERM');
};
const { services, checks, live } = createWorker({
  config,
  env: process.env,
  workerId,
  tasks,
  logger,
  metrics,
  onBroken: (error) => {
    throw error;
  },
});
const ops = createOpsServer({ host: config.OPS_HOST, port: config.OPS_PORT, logger, metrics, checks, live });
if (config.EXIT_WITH_PARENT) process.stdin.once('end', stop).resume();
await runServices({ services: [ops, ...services, ops.gate], logger, graceMs: config.GRACE_SECONDS * 1_000 });
