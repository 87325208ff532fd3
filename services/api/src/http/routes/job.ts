/** One job: look at it, cancel it, run it again, delete it. */
import { isFinal } from '@factorial/core/jobs/job-status';
import type { Request } from 'express';
import { retryAfterSecondsFor } from '../../jobs/eta.ts';
import type { JobService } from '../../jobs/job-service.ts';
import { waitAsPreferred } from '../prefer.ts';
import type { GuardedExchange, GuardedRoute, ParameterDoc } from '../route.ts';
import { sendJson, sendTaggedJson } from '../send-json.ts';
import { preferParameter } from './job-headers.ts';

export const jobIdOf = (req: Request): string => String(req.params['id']);

export const idParameter: ParameterDoc = {
  name: 'id',
  in: 'path',
  required: true,
  description: "The job's id.",
};

const look =
  (jobs: JobService) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const id = jobIdOf(req);
    const first = await jobs.find(caller, id);
    const waited =
      !isFinal(first.status) &&
      (await waitAsPreferred({ req, res }, async (ms, signal) => jobs.wait({ id, ms, signal })));
    const view = await jobs.view.full(waited ? await jobs.find(caller, id) : first);
    if (!isFinal(view.status)) res.setHeader('retry-after', String(retryAfterSecondsFor(view.etaSeconds)));
    res.setHeader('cache-control', 'private, no-cache');
    sendTaggedJson(req, res, view);
  };

const cancel =
  (jobs: JobService) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    sendJson(res, 200, await jobs.view.full(await jobs.change.cancel(caller, jobIdOf(req))));
  };

const retry =
  (jobs: JobService) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const view = await jobs.view.full(await jobs.change.retry(caller, jobIdOf(req)));
    res.setHeader('location', view.links.self);
    res.setHeader('retry-after', String(retryAfterSecondsFor(view.etaSeconds)));
    sendJson(res, 202, view);
  };

const remove =
  (jobs: JobService) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    await jobs.change.remove(caller, jobIdOf(req));
    res.statusCode = 204;
    res.end();
  };

const one = { path: '/v1/jobs/:id' } as const;

export const createJobRoutes = (jobs: JobService): GuardedRoute[] => [
  {
    ...one,
    method: 'get',
    scope: 'jobs:read',
    handle: look(jobs),
    doc: {
      summary: 'Look at a job',
      parameters: [idParameter, preferParameter],
      responses: {
        200: {
          description: 'The job.',
          schema: 'Job',
          headers: ['ETag', 'Retry-After', 'Preference-Applied'],
        },
        304: { description: 'Unchanged since the ETag of If-None-Match.' },
      },
    },
  },
  {
    ...one,
    method: 'delete',
    scope: 'jobs:write',
    handle: remove(jobs),
    doc: {
      summary: "Delete an ended job's data now",
      parameters: [idParameter],
      responses: { 204: { description: 'Deleted; the id answers 410 from now on.' } },
    },
  },
  {
    method: 'post',
    path: '/v1/jobs/:id/cancel',
    scope: 'jobs:write',
    handle: cancel(jobs),
    doc: {
      summary: 'Cancel a queued or running job',
      parameters: [idParameter],
      responses: { 200: { description: 'The cancelled job.', schema: 'Job' } },
    },
  },
  {
    method: 'post',
    path: '/v1/jobs/:id/retry',
    scope: 'jobs:write',
    handle: retry(jobs),
    doc: {
      summary: 'Run a failed or cancelled job again',
      parameters: [idParameter],
      responses: {
        202: { description: 'The job, queued again.', schema: 'Job', headers: ['Location', 'Retry-After'] },
      },
    },
  },
];
