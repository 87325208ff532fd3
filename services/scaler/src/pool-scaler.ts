/** All that scales one pool: its sources, its target, its loop, and what is told of it. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Logger } from '@factorial/core/ops/logger';
import { queueName } from '@factorial/core/queue/topology';
import type { ScalerConfig } from './config.ts';
import { createControlLoop, type ControlLoop, type TickReport } from './control-loop.ts';
import { createInternalApi } from './internal-api.ts';
import type { Platform, PoolPlace } from './platforms/platform.ts';
import { createQueueReading } from './readings/queue-reading.ts';
import type { RequestJson } from './request-json.ts';
import { settingsFrom } from './settings-from.ts';
import type { WorkerExit } from './targets/local-processes/worker-slot.ts';
import { createChangeLog } from './tell/change-log.ts';
import type { PoolMetrics, ScalerMetrics } from './tell/scaler-metrics.ts';
import type { ScalerReady } from './tell/scaler-ready.ts';
import { createStatementTeller } from './tell/statement.ts';
import { createStatusBoard } from './tell/status.ts';

/** What all pools share. */
export interface PoolScalerDeps {
  config: ScalerConfig;
  platform: Platform;
  requestJson: RequestJson;
  logger: Logger;
  metrics: ScalerMetrics;
  ready: ScalerReady;
}

export interface PoolScaler {
  loop: ControlLoop;
  status: () => object;
}

const createSources = ({ config, requestJson }: PoolScalerDeps, pool: string) => {
  const http = { requestJson, timeoutMs: config.READ_TIMEOUT_MS, now: Date.now };
  const { RABBITMQ_MANAGEMENT_URL: managementUrls, RABBITMQ_VHOST: vhost } = config;
  const { INTERNAL_URL: internalUrl, INTERNAL_TOKEN_FILE: tokenFile } = config;
  return {
    readQueue: createQueueReading({ ...http, managementUrls, vhost, queue: queueName(pool) }),
    api: createInternalApi({ ...http, internalUrl, tokenFile, pool }),
  };
};

const workerEnded =
  (metrics: PoolMetrics, logger: Logger) =>
  ({ error: err, ...exit }: WorkerExit) => {
    metrics.workerExited();
    logger.warn({ ...exit, err }, 'worker ended');
  };

const time = {
  sleep,
  timeLimit: (ms: number) => AbortSignal.timeout(ms),
  now: Date.now,
  random: Math.random,
};

export const createPoolScaler = (deps: PoolScalerDeps, { pool, create }: PoolPlace): PoolScaler => {
  const { config, platform } = deps;
  const { name } = pool;
  const dryRun = config.DRY_RUN;
  const settings = settingsFrom(config, pool);
  const logger = deps.logger.child({ pool: name });
  const metrics = deps.metrics.forPool(name);
  const status = createStatusBoard({ pool: name, dryRun, settings });
  const ready = deps.ready.forPool(name);
  const sources = createSources(deps, name);
  const place = create(workerEnded(metrics, logger));
  const log = createChangeLog(logger);
  const { api } = sources;
  const state = createStatementTeller({ api, timeoutMs: config.READ_TIMEOUT_MS });
  const tellers = [log, metrics.tell, status.tell, ready.tell, place.tell, ...(dryRun ? [] : [state])];
  const tell = (report: TickReport): void => {
    for (const teller of tellers) teller(report);
  };
  const loop = createControlLoop({
    ...sources,
    ...time,
    target: place.target,
    leadership: platform.leadership,
    settings,
    dryRun,
    tell,
    tickMs: config.TICK_SECONDS * 1_000,
    termEnded: () => {
      for (const teller of [metrics, status, ready]) teller.forget();
    },
    tickFailed: (err) => {
      metrics.tickFailed();
      logger.error({ err }, 'tick failed');
    },
  });
  return { loop, status: status.read };
};
