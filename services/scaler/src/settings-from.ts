/** The part of the configuration that a pool's decision is made by: what the pool says itself, and what holds for all where it does not. */
import type { PoolConfig } from './config-pools.ts';
import type { ScalerConfig } from './config.ts';
import type { ScalerSettings } from './decision/scaler-settings.ts';

export const settingsFrom = (config: ScalerConfig, pool: PoolConfig): ScalerSettings => ({
  minWorkers: pool.minWorkers ?? config.MIN_WORKERS,
  maxWorkers: pool.maxWorkers ?? config.MAX_WORKERS,
  slotsPerWorker: pool.slotsPerWorker ?? config.SLOTS_PER_WORKER,
  targetWaitSeconds: pool.targetWaitSeconds ?? config.TARGET_WAIT_SECONDS,
  idleTimeoutSeconds: pool.idleTimeoutSeconds ?? config.IDLE_TIMEOUT_SECONDS,
  assumedServiceSeconds: pool.assumedServiceSeconds ?? config.ASSUMED_SERVICE_SECONDS,
  downWindowSeconds: pool.downWindowSeconds ?? config.DOWN_WINDOW_SECONDS,
});
