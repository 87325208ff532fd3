/** The two public routes of the article this project starts from: a thin face over the same jobs. */
import { AppError } from '@factorial/core/errors/app-error';
import { assertNever } from '@factorial/core/errors/assert-never';
import { toPlainInput, type TaskDefinition } from '@factorial/core/tasks/task-definition';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import type { TaskRegistry } from '@factorial/core/tasks/task-registry';
import { z } from 'zod';
import { invalidInput } from '../../jobs/invalid-input.ts';
import type { JobService } from '../../jobs/job-service.ts';
import { jobSubmissionSchema } from '../../jobs/job-submission.ts';
import { readOutputValue } from '../../jobs/output-value.ts';
import { requireTask } from '../../jobs/submit-job.ts';
import { traceparentOf } from '../middleware/request-context.ts';
import { parseParameters } from '../parse-request.ts';
import type { GuardedExchange, GuardedRoute } from '../route.ts';
import { sendJson } from '../send-json.ts';
import { idempotencyKeyOf, idempotencyKeyParameter } from './job-headers.ts';

const taskName = 'factorial';

/** As many digits as a double holds without loss. */
const mostDigits = 15;

const faultOf = (no: unknown): string | undefined => {
  if (no === undefined) return 'is missing';
  if (typeof no !== 'string') return 'has to be given once';
  if (/^-\d+$/.test(no)) return 'has to be 0 or more';
  if (!/^\d+$/.test(no)) return 'has to be a whole number in decimal digits';
  return no.length > mostDigits ? `has to have at most ${mostDigits} digits` : undefined;
};

const parseNo = (no: unknown): number => {
  const detail = faultOf(no);
  if (detail !== undefined) throw invalidInput([{ pointer: 'no', detail }]);
  return Number(no);
};

/** Faults of the task's own rules are faults of the one parameter that the client knows. */
const namingNo = (error: unknown): unknown =>
  error instanceof AppError && error.code === 'invalid-input'
    ? invalidInput((error.options.errors ?? []).map(({ detail }) => ({ pointer: 'no', detail })))
    : error;

const inputFor = ({ plainInput }: TaskDefinition, no: number): unknown =>
  plainInput === undefined ? no : { [plainInput]: no };

export interface FactorialRouteDeps {
  jobs: JobService;
  tasks: TaskRegistry;
}

const submit =
  ({ jobs, tasks }: FactorialRouteDeps) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const no = parseNo(req.query['no']);
    const input = inputFor(await requireTask(tasks, taskName), no);
    const submission = jobSubmissionSchema.parse({ task: taskName, input });
    const idempotencyKey = idempotencyKeyOf(req);
    const { id, replayed } = await jobs
      .submit({ owner: caller.subject, submission, idempotencyKey, traceparent: traceparentOf(req) })
      .catch((error: unknown) => {
        throw namingNo(error);
      });
    if (replayed) res.setHeader('idempotency-replayed', 'true');
    res.statusCode = 200;
    res.setHeader('content-type', 'text/plain; charset=utf-8');
    res.end(id);
  };

/** The article knows two states and its text one end; jobs that failed or were cancelled end in `failed`, with a reason. */
const progressOf = async (jobs: JobService, job: JobRecord) => {
  switch (job.status) {
    case 'queued':
    case 'processing':
      return { output: '', status: 'processing' };
    case 'done':
      return { output: await readOutputValue(jobs.outputs, job), status: 'done' };
    case 'failed':
      return {
        output: '',
        status: 'failed',
        error: `${job.errorCode ?? 'failed'}: ${job.errorMessage ?? ''}`,
      };
    case 'cancelled':
    case 'expired':
      return { output: '', status: 'failed', error: `the job is ${job.status}` };
    default:
      return assertNever(job.status);
  }
};

const resultQuerySchema = z.strictObject({ id: z.string('has to be given once').min(1) });

const result =
  ({ jobs, tasks }: FactorialRouteDeps) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const { id } = parseParameters(resultQuerySchema, req.query);
    const job = await jobs.find(caller, id);
    const input = toPlainInput(await tasks.get(job.task), job.input);
    sendJson(res, 200, { input, ...(await progressOf(jobs, job)) });
  };

export const factorialResultSchema = z
  .object({
    input: z.unknown(),
    output: z.unknown().describe('Empty until the status is done.'),
    status: z.enum(['processing', 'done', 'failed']),
    error: z.string().optional(),
  })
  .describe("A result in the article's form.");

export const createFactorialRoutes = (deps: FactorialRouteDeps): GuardedRoute[] => [
  {
    method: 'get',
    path: '/factorial',
    scope: 'jobs:write',
    handle: submit(deps),
    doc: {
      summary: 'Ask for a factorial; answers the request id at once',
      parameters: [
        {
          name: 'no',
          in: 'query',
          required: true,
          description: 'The number, in decimal digits.',
          example: '150000',
        },
        idempotencyKeyParameter,
      ],
      responses: { 200: { description: 'The request id.', mediaType: 'text/plain' } },
    },
  },
  {
    method: 'get',
    path: '/factorial/result',
    scope: 'jobs:read',
    handle: result(deps),
    doc: {
      summary: 'Ask whether a request is done, and for its result',
      parameters: [{ name: 'id', in: 'query', required: true, description: 'The request id.' }],
      responses: { 200: { description: 'State and result.', schema: 'FactorialResult' } },
    },
  },
];
