/** How long a job takes: what the finished ones took, or the running ones' age where that is more. */
import type { PoolReport } from '@factorial/core/internal/protocol';

/** Below this a job costs less than its way through the queue. */
const leastSeconds = 0.001;

/** So that nobody waits for the end of a five-minute job to learn that jobs take long. */
const meanRunningSeconds = (workers: PoolReport['workers']): number => {
  const busy = workers.reduce((sum, worker) => sum + worker.busy, 0);
  const runningMs = workers.reduce((sum, worker) => sum + worker.busy * worker.runningMs, 0);
  return busy === 0 ? 0 : runningMs / busy / 1_000;
};

export const finishedServiceSeconds = (pool: PoolReport): number | undefined =>
  pool.serviceMs === undefined ? undefined : pool.serviceMs / 1_000;

/** @param finishedSeconds the moving average of finished jobs, or what is assumed in its place. */
export const serviceSeconds = (finishedSeconds: number, pool: PoolReport | undefined): number =>
  Math.max(leastSeconds, finishedSeconds, pool ? meanRunningSeconds(pool.workers) : 0);
