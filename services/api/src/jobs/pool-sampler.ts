/**
 * Takes a sample of every pool each step, for the plots of the last hour. Runs in every api process: whichever comes first writes
 * the step's sample, the others see that it is there.
 */
import { toError } from '@factorial/core/errors/to-error';
import type { ScalerStatement } from '@factorial/core/internal/protocol';
import type { Service } from '@factorial/core/lifecycle/service';
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Logger } from '@factorial/core/ops/logger';
import type { Clock } from '@factorial/core/time/clock';
import { historyStepMs, type PoolHistory } from '@factorial/core/workers/pool-history';
import type { ScalerStatements } from '@factorial/core/workers/scaler-statements';
import { countWorkers, type ReadPool } from './pool-readings.ts';

export interface PoolSamplerDeps {
  /** The pools there are. */
  pools: () => Promise<string[]>;
  readPool: ReadPool;
  scalers: Pick<ScalerStatements, 'last'>;
  history: Pick<PoolHistory, 'newestMs' | 'record'>;
  /** Redis's clock, ms since the epoch: steps are the same for all replicas. */
  redisNowMs: () => Promise<number>;
  clock: Clock;
  logger: Logger;
  /** In [0, 1). */
  random: () => number;
  stepMs?: number;
}

export interface PoolSampler extends Service {
  /** Samples each pool that has none of this step yet. @returns how many samples it has written. */
  runOnce(): Promise<number>;
}

/** In the place of a statement: a plot has to show that nobody scaled. */
const silence: ScalerStatement = { decision: 'hold', reason: 'silent: no scaler has spoken within 15 s' };

const samplePool = async (deps: PoolSamplerDeps, pool: string, atMs: number): Promise<boolean> => {
  const { history, readPool, scalers } = deps;
  const newestMs = await history.newestMs(pool);
  if (newestMs !== undefined && newestMs >= atMs) return false;
  const [reading, scaler = silence] = await Promise.all([readPool(pool), scalers.last(pool)]);
  const counts = { waiting: reading.statistics.waiting, processing: reading.busy, ...countWorkers(reading) };
  return history.record(pool, { ...counts, atMs, scaler });
};

export const createPoolSampler = (deps: PoolSamplerDeps): PoolSampler => {
  const { logger, clock, stepMs = historyStepMs } = deps;
  const stopping = new AbortController();
  /** Not near a step's ends: clocks that differ a little still agree on the step. */
  const offsetMs = stepMs * (0.25 + deps.random() / 2);
  let running: Promise<void> | undefined;
  let failing = false;

  const runOnce = async (): Promise<number> => {
    const nowMs = await deps.redisNowMs();
    const pools = await deps.pools();
    const atMs = nowMs - (nowMs % stepMs);
    const written = await Promise.all(pools.map(async (pool) => samplePool(deps, pool, atMs)));
    return written.filter(Boolean).length;
  };

  /** An outage is told of once, not every step. */
  const runAndTell = async (): Promise<void> => {
    try {
      await runOnce();
      failing = false;
    } catch (error) {
      if (!failing) logger.warn({ err: toError(error) }, 'pools could not be sampled');
      failing = true;
    }
  };

  const loop = async (): Promise<void> => {
    for (;;) {
      const waitMs = stepMs - ((clock.now() - offsetMs) % stepMs);
      if (!(await sleep(waitMs, stopping.signal))) return;
      await runAndTell();
    }
  };

  return {
    name: 'pool-sampler',
    start: async () => {
      running ??= loop();
      await Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    runOnce,
  };
};
