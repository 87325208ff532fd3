/** PUT /internal/v1/workers/{id}: a worker says that it lives and what it runs, and hears what to stop. DELETE: it says goodbye. */
import {
  heartbeatRequestSchema,
  type Heartbeat,
  type HeartbeatAnswer,
} from '@factorial/core/internal/protocol';
import type { JobLeases } from '@factorial/core/jobs/job-store';
import type { WorkerRegistry } from '@factorial/core/workers/worker-registry';
import type { Request } from 'express';
import { z } from 'zod';
import { parseBody, parseParameters } from '../../http/parse-request.ts';
import type { GuardedRoute } from '../../http/route.ts';
import { sendJson } from '../../http/send-json.ts';

export interface WorkerRouteDeps {
  leases: JobLeases;
  workers: WorkerRegistry;
}

type RunningJob = Heartbeat['jobs'][number];

const beatAll = async (leases: JobLeases, jobs: readonly RunningJob[]) => {
  const answers = await Promise.all(jobs.map(async (job) => leases.beat(job)));
  const told = (wanted: 'cancel' | 'lost') =>
    jobs.filter((_, index) => answers[index] === wanted).map(({ id, attempt }) => ({ id, attempt }));
  return { cancel: told('cancel'), lost: told('lost') };
};

const workerPathSchema = z.object({ id: z.string().min(1).max(128) });
const poolQuerySchema = z.object({ pool: z.string().min(1).max(63) });

const workerOf = (req: Request): string => parseParameters(workerPathSchema, req.params).id;

const heartbeat = async ({ leases, workers }: WorkerRouteDeps, req: Request): Promise<HeartbeatAnswer> => {
  const beat = parseBody(heartbeatRequestSchema, req.body);
  const [drain, stops] = await Promise.all([
    workers.heartbeat(workerOf(req), beat),
    beatAll(leases, beat.jobs),
  ]);
  return { ...stops, drain };
};

export const createWorkerRoutes = (deps: WorkerRouteDeps): GuardedRoute[] => [
  {
    method: 'put',
    path: '/internal/v1/workers/:id',
    scope: 'worker',
    body: 'json',
    handle: async ({ req, res }) => sendJson(res, 200, await heartbeat(deps, req)),
  },
  {
    method: 'delete',
    path: '/internal/v1/workers/:id',
    scope: 'worker',
    handle: async ({ req, res }) => {
      const { pool } = parseParameters(poolQuerySchema, req.query);
      await deps.workers.remove(pool, workerOf(req));
      res.statusCode = 204;
      res.end();
    },
  },
];
