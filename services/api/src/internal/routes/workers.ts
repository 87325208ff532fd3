/** PUT /internal/v1/workers/{id}: a worker says that it lives and what it runs, and hears what to stop. DELETE: it says goodbye. */
import {
  heartbeatRequestSchema,
  type Heartbeat,
  type HeartbeatAnswer,
} from '@factorial/core/internal/protocol';
import type { JobLeases } from '@factorial/core/jobs/job-store';
import type { PoolPauses } from '@factorial/core/workers/pool-pauses';
import type { WorkerRegistry } from '@factorial/core/workers/worker-registry';
import { z } from 'zod';
import { parseBody, parseParameters } from '../../http/parse-request.ts';
import type { GuardedExchange, GuardedRoute } from '../../http/route.ts';
import { sendJson } from '../../http/send-json.ts';
import { requirePool, requireWorker } from '../speaks-for.ts';

export interface WorkerRouteDeps {
  leases: JobLeases;
  workers: WorkerRegistry;
  pauses: PoolPauses;
}

type RunningJob = Heartbeat['jobs'][number];

const beatAll = async (leases: JobLeases, jobs: readonly RunningJob[]) => {
  const answers = await Promise.all(jobs.map(async (job) => leases.beat(job)));
  const told = (wanted: 'cancel' | 'lost') =>
    jobs.filter((_, index) => answers[index] === wanted).map(({ id, attempt }) => ({ id, attempt }));
  return { cancel: told('cancel'), lost: told('lost') };
};

type Asked = Pick<GuardedExchange, 'req' | 'caller'>;

const workerPathSchema = z.object({ id: z.string().min(1).max(128) });
const poolQuerySchema = z.object({ pool: z.string().min(1).max(63) });

/** @throws AppError `forbidden` when the caller is another worker. */
const workerOf = ({ req, caller }: Asked): string => {
  const { id } = parseParameters(workerPathSchema, req.params);
  requireWorker(caller, id);
  return id;
};

const heartbeat = async (
  { leases, workers, pauses }: WorkerRouteDeps,
  asked: Asked,
): Promise<HeartbeatAnswer> => {
  const worker = workerOf(asked);
  const beat = parseBody(heartbeatRequestSchema, asked.req.body);
  requirePool(asked.caller, beat.pool);
  const [drain, paused, stops] = await Promise.all([
    workers.heartbeat(worker, beat),
    pauses.isPaused(beat.pool),
    beatAll(leases, beat.jobs),
  ]);
  return { ...stops, drain, paused };
};

export const createWorkerRoutes = (deps: WorkerRouteDeps): GuardedRoute[] => [
  {
    method: 'put',
    path: '/internal/v1/workers/:id',
    scope: 'worker',
    body: 'json',
    handle: async ({ res, ...asked }) => sendJson(res, 200, await heartbeat(deps, asked)),
  },
  {
    method: 'delete',
    path: '/internal/v1/workers/:id',
    scope: 'worker',
    handle: async ({ res, ...asked }) => {
      const { pool } = parseParameters(poolQuerySchema, asked.req.query);
      requirePool(asked.caller, pool);
      await deps.workers.remove(pool, workerOf(asked));
      res.statusCode = 204;
      res.end();
    },
  },
];
