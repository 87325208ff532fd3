/** The scaler's composition root. */
import { loadConfigOrExit } from '@factorial/core/config/load-config';
import { runServices } from '@factorial/core/lifecycle/run-services';
import { createLogger } from '@factorial/core/ops/logger';
import { createMetrics } from '@factorial/core/ops/metrics';
import { createOpsServer } from '@factorial/core/ops/ops-server';
import { Agent } from 'undici';
import { scalerConfigSchema } from './config.ts';
import { createPlatform } from './platforms/create-platform.ts';
import { createPoolScaler } from './pool-scaler.ts';
import { createRequestJson } from './request-json.ts';
import { createScalerMetrics } from './tell/scaler-metrics.ts';
import { createScalerReady } from './tell/scaler-ready.ts';

const config = loadConfigOrExit(scalerConfigSchema, process.env);
const { DRY_RUN: dryRun, OPS_HOST: host, OPS_PORT: port } = config;
const logger = createLogger('scaler', config.LOG_LEVEL);
const metrics = createMetrics('scaler');
const platform = createPlatform({ config, logger, env: process.env });
const { leadership, identity, graceMs } = platform;
const leads = (): boolean => leadership.term() !== undefined;
const ready = createScalerReady({ ...platform, now: Date.now });
const shared = {
  config,
  platform,
  logger,
  ready,
  requestJson: createRequestJson(new Agent()),
  metrics: createScalerMetrics(metrics, { dryRun, leads }),
};
const pools = platform.pools.map((place) => [place.pool.name, createPoolScaler(shared, place)] as const);
const status = () => ({
  leader: leads(),
  identity,
  pools: Object.fromEntries(pools.map(([name, pool]) => [name, pool.status()])),
});
const routes = { '/status': status };
const ops = createOpsServer({ host, port, logger, metrics, routes, checks: ready.checks });
const loops = pools.map(([, { loop }]) => loop);

await runServices({ services: [ops, ...platform.services(), ...loops, ops.gate], logger, graceMs });
