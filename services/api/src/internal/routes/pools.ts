/** What the scaler needs of a pool: who works there and who waits; and its wish that some workers drain. */
import {
  drainRequestSchema,
  type drainResponseSchema,
  type PoolReport,
  scalerStatementSchema,
} from '@factorial/core/internal/protocol';
import type { TaskRegistry } from '@factorial/core/tasks/task-registry';
import type { Clock } from '@factorial/core/time/clock';
import type { RegisteredWorker, WorkerRegistry } from '@factorial/core/workers/worker-registry';
import type { ScalerStatements } from '@factorial/core/workers/scaler-statements';
import type { Request } from 'express';
import { z } from 'zod';
import { parseBody, parseParameters } from '../../http/parse-request.ts';
import type { GuardedRoute } from '../../http/route.ts';
import { sendJson } from '../../http/send-json.ts';
import type { ReadPool } from '../../jobs/pool-readings.ts';

export interface PoolRouteDeps {
  /** Reads now: the scaler decides on fresh figures only. */
  readPool: ReadPool;
  tasks: Pick<TaskRegistry, 'list'>;
  workers: WorkerRegistry;
  scalers: ScalerStatements;
  clock: Clock;
}

const mean = (numbers: readonly number[]): number =>
  numbers.length === 0 ? 0 : numbers.reduce((total, number) => total + number, 0) / numbers.length;

const toReportedWorker = (worker: RegisteredWorker, nowMs: number): PoolReport['workers'][number] => ({
  id: worker.id,
  slots: worker.slots,
  busy: worker.jobs.length,
  state: worker.state,
  ageMs: Math.max(0, nowMs - worker.startedAt),
  coldStartMs: worker.coldStartMs,
  runningMs: mean(worker.jobs.map((job) => job.runningMs)),
});

const poolPathSchema = z.object({ pool: z.string().min(1).max(63) });
const poolOf = (req: Request): string => parseParameters(poolPathSchema, req.params).pool;

const report = async ({ readPool, tasks, clock }: PoolRouteDeps, pool: string): Promise<PoolReport> => {
  const [{ statistics, workers, serviceMs }, known] = await Promise.all([readPool(pool), tasks.list()]);
  return {
    pool,
    waiting: statistics.waiting,
    processing: workers.reduce((total, worker) => total + worker.jobs.length, 0),
    oldestWaitMs: statistics.oldestWaitMs,
    ...(serviceMs === undefined ? {} : { serviceMs }),
    announced: known.some((task) => task.pool === pool),
    paused: statistics.pausedAt !== undefined,
    workers: workers.map((worker) => toReportedWorker(worker, clock.now())),
  };
};

/**
 * Only those that are idle and open: a busy one is not asked, whatever the scaler thought a moment ago; and one that still says
 * that it drains, from a request since taken back, would seem to have confirmed this one, and may have a job by then.
 */
const askIdle = async (
  { workers }: PoolRouteDeps,
  pool: string,
  wanted: z.output<typeof drainRequestSchema>,
): Promise<string[]> => {
  const idle = (await workers.list(pool)).filter(
    ({ jobs, state }) => jobs.length === 0 && state === 'active',
  );
  const idleIds = new Set(idle.map(({ id }) => id));
  const draining = wanted.workers.filter((id) => idleIds.has(id));
  await workers.drain(pool, draining, wanted.ttlSeconds * 1_000);
  return draining;
};

/** @returns who drains because of this request. */
const drain = async (deps: PoolRouteDeps, req: Request): Promise<string[]> => {
  const pool = poolOf(req);
  const wanted = parseBody(drainRequestSchema, req.body);
  if (wanted.ttlSeconds > 0) return askIdle(deps, pool, wanted);
  await deps.workers.undrain(pool, wanted.workers);
  return [];
};

export const createPoolRoutes = (deps: PoolRouteDeps): GuardedRoute[] => [
  {
    method: 'get',
    path: '/internal/v1/pools/:pool',
    scope: 'scaler',
    handle: async ({ req, res }) => sendJson(res, 200, await report(deps, poolOf(req))),
  },
  {
    method: 'post',
    path: '/internal/v1/pools/:pool/drain',
    scope: 'scaler',
    body: 'json',
    handle: async ({ req, res }) => {
      const answer: z.output<typeof drainResponseSchema> = { draining: await drain(deps, req) };
      sendJson(res, 200, answer);
    },
  },
  {
    method: 'post',
    path: '/internal/v1/pools/:pool/scaler',
    scope: 'scaler',
    body: 'json',
    handle: async ({ req, res }) => {
      await deps.scalers.tell(poolOf(req), parseBody(scalerStatementSchema, req.body));
      sendJson(res, 200, {});
    },
  },
];
