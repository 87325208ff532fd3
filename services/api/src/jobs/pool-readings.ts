/** A pool's figures for everybody who asks within a second: one reading serves them all. */
import type { Clock } from '@factorial/core/time/clock';
import type { PoolStatistics } from '@factorial/core/workers/pool-statistics';
import type { RegisteredWorker, WorkerRegistry } from '@factorial/core/workers/worker-registry';
import { createCached } from './cached.ts';
import type { PoolLoad } from './eta.ts';

export interface PoolReading extends PoolLoad {
  statistics: PoolStatistics;
  workers: readonly RegisteredWorker[];
}

export type ReadPool = (pool: string) => Promise<PoolReading>;

export interface PoolReadingsDeps {
  statistics: (pool: string) => Promise<PoolStatistics>;
  workers: WorkerRegistry;
}

const freshMs = 1_000;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Reads a pool now. */
export const createPoolReader =
  ({ statistics, workers }: PoolReadingsDeps): ReadPool =>
  async (pool) => {
    const [figures, registered] = await Promise.all([statistics(pool), workers.list(pool)]);
    return {
      statistics: figures,
      workers: registered,
      slots: sum(registered.map((worker) => (worker.state === 'draining' ? 0 : worker.slots))),
      busy: sum(registered.map((worker) => worker.jobs.length)),
      serviceMs: figures.serviceMs,
      paused: figures.pausedAt !== undefined,
    };
  };

/** The same, at most a second old. */
export const createCachedPoolReader = ({ clock, ...deps }: PoolReadingsDeps & { clock: Clock }): ReadPool =>
  createCached({ read: createPoolReader(deps), freshMs, clock });

/** How many of a pool's workers run a job, wait for one, or take none any more. */
export const countWorkers = ({
  workers,
}: Pick<PoolReading, 'workers'>): { busy: number; idle: number; draining: number } => {
  const draining = workers.filter((worker) => worker.state === 'draining').length;
  const busy = workers.filter((worker) => worker.state !== 'draining' && worker.jobs.length > 0).length;
  return { busy, draining, idle: workers.length - busy - draining };
};
