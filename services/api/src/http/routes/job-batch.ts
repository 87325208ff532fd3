/** POST /v1/jobs/batch takes in many jobs at once; a bad one fails alone. */
import { AppError } from '@factorial/core/errors/app-error';
import type { Logger } from '@factorial/core/ops/logger';
import { z } from 'zod';
import type { JobService } from '../../jobs/job-service.ts';
import { jobBatchSchema, jobSubmissionSchema, mostJobsPerBatch } from '../../jobs/job-submission.ts';
import { jobPath } from '../../jobs/job-view.ts';
import { pathOf, traceparentOf } from '../middleware/request-context.ts';
import { parseBody } from '../parse-request.ts';
import { problemSchema, toAppError, toProblem } from '../problem.ts';
import type { GuardedExchange, GuardedRoute } from '../route.ts';
import { sendJson } from '../send-json.ts';
import { idempotencyKeyOf, idempotencyKeyParameter } from './job-headers.ts';

/** Jobs on their way to Redis at a time. */
const chunkSize = 100;

export const batchResultSchema = z
  .object({
    results: z.array(
      z.union([
        z.object({
          status: z.literal(202),
          id: z.string(),
          replayed: z.boolean(),
          links: z.object({ self: z.string() }),
        }),
        z.object({ status: z.int(), problem: problemSchema }),
      ]),
    ),
  })
  .describe('One result per submission, in their order.');

type ItemResult = { id: string; replayed: boolean } | AppError;

interface BatchRequest {
  owner: string;
  key: string | undefined;
  traceparent: string | undefined;
}

const submitItem = async (
  jobs: JobService,
  batch: BatchRequest,
  item: { body: unknown; index: number },
): Promise<ItemResult> => {
  const { owner, key, traceparent } = batch;
  try {
    const submission = parseBody(jobSubmissionSchema, item.body);
    const idempotencyKey = key === undefined ? undefined : `${key}/${item.index}`;
    return await jobs.submit({ owner, submission, idempotencyKey, traceparent });
  } catch (error) {
    return toAppError(error);
  }
};

/**
 * Redis or RabbitMQ is away: the rest would wait for the same answer, chunk after chunk. Under a key it may have jobs from
 * before, which only Redis's own absence hides.
 */
const endsBatch = ({ code, status }: AppError, { key }: BatchRequest): boolean =>
  status === 503 && (key === undefined || code === 'store-unavailable');

const submitAll = async (
  jobs: JobService,
  batch: BatchRequest,
  bodies: readonly unknown[],
): Promise<ItemResult[]> => {
  const results: ItemResult[] = [];
  for (let start = 0; start < bodies.length; start += chunkSize) {
    const last = results.at(-1);
    if (last instanceof AppError && endsBatch(last, batch)) {
      results.push(...bodies.slice(start).map(() => last));
      break;
    }
    const chunk = bodies.slice(start, start + chunkSize);
    results.push(
      ...(await Promise.all(
        chunk.map(async (body, at) => submitItem(jobs, batch, { body, index: start + at })),
      )),
    );
  }
  return results;
};

/** A batch of which nothing could be taken in for want of Redis or RabbitMQ is no success: it says 503 as a whole. */
const refuseIfNothingWorks = (results: readonly ItemResult[]): void => {
  const [first] = results;
  const unavailable = (result: ItemResult) => result instanceof AppError && result.status === 503;
  if (first instanceof AppError && results.every(unavailable)) throw first;
};

const toResult = (result: ItemResult, instance: string) =>
  result instanceof AppError
    ? { status: result.status, problem: toProblem(result, instance) }
    : { status: 202, id: result.id, replayed: result.replayed, links: { self: jobPath(result.id) } };

const submitBatch =
  (jobs: JobService, logger: Logger) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const batch = { owner: caller.subject, key: idempotencyKeyOf(req), traceparent: traceparentOf(req) };
    const results = await submitAll(jobs, batch, parseBody(jobBatchSchema, req.body).jobs);
    refuseIfNothingWorks(results);
    for (const result of results) {
      if (result instanceof AppError && result.code === 'internal-error') {
        logger.error({ err: result.options.cause }, 'a job of a batch failed');
      }
    }
    sendJson(res, 200, { results: results.map((result) => toResult(result, pathOf(req))) });
  };

export const createJobBatchRoutes = (jobs: JobService, logger: Logger): GuardedRoute[] => [
  {
    method: 'post',
    path: '/v1/jobs/batch',
    scope: 'jobs:write',
    body: 'json',
    handle: submitBatch(jobs, logger),
    doc: {
      summary: `Submit up to ${mostJobsPerBatch.toLocaleString('en')} jobs`,
      parameters: [
        { ...idempotencyKeyParameter, description: 'Key K gives the items the keys K/0, K/1 and so on.' },
      ],
      body: 'JobBatch',
      responses: { 200: { description: 'A result per submission.', schema: 'JobBatchResult' } },
    },
  },
];
