/** The part of the configuration that the decision is made by. */
import type { ScalerConfig } from './config.ts';
import type { ScalerSettings } from './decision/scaler-settings.ts';

export const settingsFrom = (config: ScalerConfig): ScalerSettings => ({
  minWorkers: config.MIN_WORKERS,
  maxWorkers: config.MAX_WORKERS,
  slotsPerWorker: config.SLOTS_PER_WORKER,
  targetWaitSeconds: config.TARGET_WAIT_SECONDS,
  idleTimeoutSeconds: config.IDLE_TIMEOUT_SECONDS,
  assumedServiceSeconds: config.ASSUMED_SERVICE_SECONDS,
  downWindowSeconds: config.DOWN_WINDOW_SECONDS,
});
