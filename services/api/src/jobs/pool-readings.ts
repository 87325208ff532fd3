/** A pool's figures for everybody who asks within a second: one reading serves them all. */
import type { Clock } from '@factorial/core/time/clock';
import type { PoolStatistics } from '@factorial/core/workers/pool-statistics';
import type { RegisteredWorker, WorkerRegistry } from '@factorial/core/workers/worker-registry';
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
export const createCachedPoolReader = (deps: PoolReadingsDeps & { clock: Clock }): ReadPool => {
  const read = createPoolReader(deps);
  const cached = new Map<string, { reading: Promise<PoolReading>; atMs: number }>();
  return async (pool) => {
    const known = cached.get(pool);
    if (known !== undefined && deps.clock.now() - known.atMs < freshMs) return known.reading;
    const reading = read(pool);
    cached.set(pool, { reading, atMs: deps.clock.now() });
    // A failure is not worth remembering.
    reading.catch(() => cached.delete(pool));
    return reading;
  };
};
