/** The scaler's composition root. */
import { loadConfigOrExit } from '@factorial/core/config/load-config';
import { runServices } from '@factorial/core/lifecycle/run-services';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { createLogger } from '@factorial/core/ops/logger';
import { createMetrics } from '@factorial/core/ops/metrics';
import { createOpsServer } from '@factorial/core/ops/ops-server';
import { queueName } from '@factorial/core/queue/topology';
import { Agent } from 'undici';
import { scalerConfigSchema } from './config.ts';
import { createControlLoop, type TickReport } from './control-loop.ts';
import { createInternalApi } from './internal-api.ts';
import { createQueueReading } from './readings/queue-reading.ts';
import { createRequestJson } from './request-json.ts';
import { settingsFrom } from './settings-from.ts';
import { createTarget } from './targets/create-target.ts';
import { createChangeLog } from './tell/change-log.ts';
import { createScalerMetrics } from './tell/scaler-metrics.ts';
import { createSourcesReady } from './tell/sources-ready.ts';
import { statementOf } from './tell/statement.ts';
import { createStatusBoard } from './tell/status.ts';

const config = loadConfigOrExit(scalerConfigSchema, process.env);
const { POOL: pool, DRY_RUN: dryRun, OPS_HOST: host, OPS_PORT: port } = config;
const logger = createLogger('scaler', config.LOG_LEVEL);
const metrics = createMetrics('scaler');
const settings = settingsFrom(config);
const scalerMetrics = createScalerMetrics({ metrics, pool, dryRun });
const status = createStatusBoard({ pool, dryRun, settings });
const ready = createSourcesReady(Date.now);
const tellers = [createChangeLog(logger), scalerMetrics.tell, status.tell, ready.tell];

const requestJson = createRequestJson(new Agent());
const http = { requestJson, timeoutMs: config.READ_TIMEOUT_MS, now: Date.now };
const { RABBITMQ_MANAGEMENT_URL: managementUrl, RABBITMQ_VHOST: vhost } = config;
const { INTERNAL_URL: internalUrl, INTERNAL_TOKEN_FILE: tokenFile } = config;
const readQueue = createQueueReading({ ...http, managementUrl, vhost, queue: queueName(pool) });
const api = createInternalApi({ ...http, internalUrl, tokenFile, pool });
const target = createTarget({
  config,
  env: process.env,
  exited: (exit) => {
    scalerMetrics.workerExited();
    logger.warn({ ...exit, err: exit.error }, 'worker ended');
  },
});
const tell = (report: TickReport): void => {
  for (const teller of tellers) teller(report);
  void api.state(statementOf(report), AbortSignal.timeout(config.READ_TIMEOUT_MS));
};
const tickFailed = (err: Error): void => {
  scalerMetrics.tickFailed();
  logger.error({ err }, 'tick failed');
};
const time = { sleep, now: Date.now, random: Math.random, tickMs: config.TICK_SECONDS * 1_000 };
const loop = createControlLoop({ ...time, readQueue, api, target, settings, dryRun, tell, tickFailed });
const routes = { '/status': status.read };
const ops = createOpsServer({ host, port, logger, metrics, routes, checks: ready.checks });
const graceMs = config.LOCAL_WORKER_GRACE_SECONDS * 1_000;

await runServices({ services: [ops, target, loop, ops.gate], logger, graceMs });
