/** GET /v1/queue: how each pool is doing. */
import { type ScalerStatement, scalerStatementSchema } from '@factorial/core/internal/protocol';
import type { ScalerStatements } from '@factorial/core/workers/scaler-statements';
import { z } from 'zod';
import { queuedEtaSeconds } from '../../jobs/eta.ts';
import { countWorkers, type PoolReading, type ReadPool } from '../../jobs/pool-readings.ts';
import type { GuardedRoute } from '../route.ts';
import { sendJson } from '../send-json.ts';

const count = z.int().nonnegative();

export const queueViewSchema = z
  .object({
    pools: z.array(
      z.object({
        pool: z.string(),
        ready: count.describe('Jobs that wait.'),
        inFlight: count.describe('Jobs that run.'),
        oldestWaitSeconds: z.number(),
        paused: z.boolean().describe('No job is started until the pool is resumed; those that run go on.'),
        pausedSince: z.iso.datetime().optional(),
        workers: z.object({ busy: count, idle: count, draining: count }),
        serviceSeconds: z.number().optional().describe('Moving average of run times.'),
        etaSeconds: z
          .number()
          .optional()
          .describe('Estimate for a job submitted now; absent while the pool is paused.'),
        scaler: scalerStatementSchema
          .optional()
          .describe('What the scaler decided last, and why; absent when none has spoken within 15 s.'),
      }),
    ),
  })
  .describe('The queue, pool by pool.');
type PoolView = z.output<typeof queueViewSchema>['pools'][number];

const toView = (pool: string, reading: PoolReading, scaler: ScalerStatement | undefined): PoolView => {
  const { waiting, oldestWaitMs, pausedAt } = reading.statistics;
  const etaSeconds = queuedEtaSeconds(waiting, reading);
  return {
    pool,
    ready: waiting,
    inFlight: reading.busy,
    oldestWaitSeconds: oldestWaitMs / 1_000,
    paused: reading.paused,
    ...(pausedAt === undefined ? {} : { pausedSince: new Date(pausedAt).toISOString() }),
    workers: countWorkers(reading),
    ...(reading.serviceMs === undefined ? {} : { serviceSeconds: reading.serviceMs / 1_000 }),
    ...(etaSeconds === undefined ? {} : { etaSeconds }),
    ...(scaler === undefined ? {} : { scaler }),
  };
};

export interface QueueRouteDeps {
  pools: () => Promise<string[]>;
  readPool: ReadPool;
  scalers: ScalerStatements;
}

const viewOf = async ({ readPool, scalers }: QueueRouteDeps, pool: string): Promise<PoolView> => {
  const [reading, statement] = await Promise.all([readPool(pool), scalers.last(pool)]);
  return toView(pool, reading, statement);
};

export const createQueueRoutes = (deps: QueueRouteDeps): GuardedRoute[] => [
  {
    method: 'get',
    path: '/v1/queue',
    scope: 'jobs:read',
    handle: async ({ res }) => {
      const names = (await deps.pools()).sort();
      sendJson(res, 200, {
        pools: await Promise.all(names.map(async (pool) => viewOf(deps, pool))),
      });
    },
    doc: {
      summary: 'How the queue is doing',
      responses: { 200: { description: 'Pool by pool.', schema: 'Queue' } },
    },
  },
];
