/** POST /v1/jobs takes a job in; GET /v1/jobs lists the caller's. */
import { isFinal, jobStatuses } from '@factorial/core/jobs/job-status';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { retryAfterSecondsFor } from '../../jobs/eta.ts';
import type { JobService } from '../../jobs/job-service.ts';
import { jobSubmissionSchema } from '../../jobs/job-submission.ts';
import { jobPath, type JobView } from '../../jobs/job-view.ts';
import { traceparentOf } from '../middleware/request-context.ts';
import { createPageTokens, pageQuery } from '../page-query.ts';
import { parseBody, parseParameters } from '../parse-request.ts';
import { waitAsPreferred } from '../prefer.ts';
import type { GuardedExchange, GuardedRoute } from '../route.ts';
import { sendJson } from '../send-json.ts';
import { idempotencyKeyParameter, idempotencyKeyOf, preferParameter } from './job-headers.ts';

const largestPage = 200;
const defaultPage = 50;

const labelFilter = z
  .string()
  .regex(/^[^:]{1,63}:.{0,255}$/s, 'has to be key:value')
  .transform((text): readonly [string, string] => {
    const colon = text.indexOf(':');
    return [text.slice(0, colon), text.slice(colon + 1)];
  });

const listQuerySchema = z.strictObject({
  status: z.enum(jobStatuses).optional(),
  task: z.string().optional(),
  label: z.union([labelFilter.transform((label) => [label]), z.array(labelFilter).max(16)]).default([]),
  ...pageQuery({ largest: largestPage, usual: defaultPage }),
});

const pageTokens = createPageTokens('before');

/** 202 with what a client needs for coming back; 200 when the job ended while it waited. */
const sendSubmitted = (res: Response, view: JobView, waited: boolean): void => {
  res.setHeader('location', jobPath(view.id));
  if (waited && isFinal(view.status)) {
    sendJson(res, 200, view);
    return;
  }
  res.setHeader('retry-after', String(retryAfterSecondsFor(view.etaSeconds)));
  sendJson(res, 202, view);
};

const submissionFrom = (req: Request, caller: GuardedExchange['caller']) => ({
  owner: caller.subject,
  submission: parseBody(jobSubmissionSchema, req.body),
  idempotencyKey: idempotencyKeyOf(req),
  traceparent: traceparentOf(req),
});

const submit =
  (jobs: JobService) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const submitted = await jobs.submit(submissionFrom(req, caller));
    const { id } = submitted;
    if (submitted.replayed) res.setHeader('idempotency-replayed', 'true');
    const waited = await waitAsPreferred({ req, res }, async (ms, signal) => jobs.wait({ id, ms, signal }));
    const view =
      submitted.replayed || waited
        ? await jobs.view.full(await jobs.find(caller, id))
        : await jobs.view.takenIn(submitted.takenIn);
    sendSubmitted(res, view, waited);
  };

const list =
  (jobs: JobService) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const { status, task, label, pageSize, pageToken } = parseParameters(listQuerySchema, req.query);
    const found = await jobs.list({
      owner: caller.subject,
      filter: { status, task, labels: label },
      pageSize,
      before: pageTokens.placeOf(pageToken),
    });
    sendJson(res, 200, {
      jobs: await Promise.all(found.jobs.map(async (job) => jobs.view.brief(job))),
      ...(found.next === undefined ? {} : { nextPageToken: pageTokens.toToken(found.next) }),
    });
  };

const query = (name: string, description: string) => ({ name, in: 'query', description }) as const;

export const createJobsRoutes = (jobs: JobService): GuardedRoute[] => [
  {
    method: 'post',
    path: '/v1/jobs',
    scope: 'jobs:write',
    body: 'json',
    handle: submit(jobs),
    doc: {
      summary: 'Submit a job',
      parameters: [idempotencyKeyParameter, preferParameter],
      body: 'JobSubmission',
      responses: {
        200: {
          description: 'The job ended while the client waited.',
          schema: 'Job',
          headers: ['Location', 'Preference-Applied'],
        },
        202: {
          description: 'Accepted.',
          schema: 'Job',
          headers: ['Location', 'Retry-After', 'Idempotency-Replayed'],
        },
      },
    },
  },
  {
    method: 'get',
    path: '/v1/jobs',
    scope: 'jobs:read',
    handle: list(jobs),
    doc: {
      summary: "List the caller's jobs, newest first",
      parameters: [
        query('status', 'Only jobs in this state.'),
        query('task', 'Only jobs of this task.'),
        query('label', 'Only jobs with this label, as key:value. May be repeated: all have to fit.'),
        query('pageSize', `Jobs per page, ${defaultPage} unless given, at most ${largestPage}.`),
        query('pageToken', 'The nextPageToken of the page before.'),
      ],
      responses: { 200: { description: 'A page of jobs.', schema: 'JobPage' } },
    },
  },
];
