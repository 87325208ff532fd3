/** The schemas of the OpenAPI document by their names: the very ones that requests are parsed with and answers are typed by. */
import { z } from 'zod';
import { jobBatchSchema, jobSubmissionSchema } from '../../jobs/job-submission.ts';
import { jobViewSchema } from '../../jobs/job-view.ts';
import { problemSchema } from '../problem.ts';
import { batchResultSchema } from '../routes/job-batch.ts';
import {
  deadLetterPageSchema,
  deadLetterSelectionSchema,
  purgeResultSchema,
  redriveResultSchema,
} from '../routes/dead-letters.ts';
import { factorialResultSchema } from '../routes/factorial.ts';
import { poolStateSchema } from '../routes/pools.ts';
import { queueViewSchema } from '../routes/queue.ts';
import { streamTicketSchema } from '../routes/stream-tickets.ts';
import { taskViewSchema } from '../routes/tasks.ts';

export const apiSchemas = {
  Job: jobViewSchema,
  JobPage: z.object({ jobs: z.array(jobViewSchema), nextPageToken: z.string().optional() }),
  JobBatchResult: batchResultSchema,
  FactorialResult: factorialResultSchema,
  Task: taskViewSchema,
  TaskList: z.object({ tasks: z.array(taskViewSchema) }),
  Queue: queueViewSchema,
  PoolState: poolStateSchema,
  StreamTicket: streamTicketSchema,
  DeadLetterPage: deadLetterPageSchema,
  RedriveResult: redriveResultSchema,
  PurgeResult: purgeResultSchema,
  Problem: problemSchema,
} as const satisfies Record<string, z.ZodType>;

/** What clients send: described as it may be written, defaults left out. */
export const requestSchemas = {
  JobSubmission: jobSubmissionSchema,
  JobBatch: jobBatchSchema,
  DeadLetterSelection: deadLetterSelectionSchema,
} as const satisfies Record<string, z.ZodType>;
