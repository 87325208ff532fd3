/** What a client may ask for: the schema of one submission. */
import { priorities } from '@factorial/core/jobs/job-record';
import { finalStatuses } from '@factorial/core/jobs/job-status';
import { webhookEvents } from '@factorial/core/jobs/webhook';
import { z } from 'zod';

const seconds = (max: number) => z.int().min(1).max(max);
const labelKey = z
  .string()
  .regex(/^[\w./-]{1,63}$/, 'a label key has 1 to 63 letters, digits, ".", "_", "/" or "-"');
const longestRetentionSeconds = 2_592_000;

const longestUrl = 2_048;

const webhookSubmissionSchema = z
  .strictObject({
    url: z.string().max(longestUrl).describe('Where to POST to: https, and an address of the internet.'),
    events: z
      .array(z.enum(webhookEvents))
      .min(1)
      .max(16)
      .transform((events) => [...new Set(events)])
      .default([...finalStatuses])
      .describe('What to tell.'),
  })
  .describe('Who is told of the job by POST, signed as Standard Webhooks has it.');

export const jobSubmissionSchema = z
  .strictObject({
    task: z.string().min(1).max(63).describe('Name of a registered task.'),
    input: z
      .unknown()
      .refine((value) => value !== undefined, 'is missing')
      .describe("What the task's own schema says."),
    priority: z.enum(priorities).default('normal'),
    labels: z
      .record(labelKey, z.string().max(255))
      .refine((labels) => Object.keys(labels).length <= 16, 'there may be at most 16 labels')
      .default({})
      .describe('For finding jobs again.'),
    queueTimeoutSeconds: seconds(604_800)
      .optional()
      .describe('Longest wait in the queue; the task sets the most.'),
    runTimeoutSeconds: seconds(86_400).optional().describe('Longest run; the task sets the most.'),
    ttlSeconds: seconds(longestRetentionSeconds).optional().describe('How long the finished job is kept.'),
    webhook: webhookSubmissionSchema.optional(),
  })
  .describe('A job to be done.');
export type JobSubmission = z.output<typeof jobSubmissionSchema>;

export const mostJobsPerBatch = 1_000;

/** Items are parsed one by one: a bad one fails alone. */
export const jobBatchSchema = z
  .strictObject({ jobs: z.array(z.unknown()).min(1).max(mostJobsPerBatch) })
  .describe('Submissions, each as for a single job.');
