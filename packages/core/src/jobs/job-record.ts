/** A job as it stands in Redis, parsed. */
import { z } from 'zod';
import { jobStatuses } from './job-status.ts';
import { webhookSchema } from './webhook.ts';

export const priorities = ['high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

/** Why a job failed; `code` is stable, `message` is for people. */
export interface JobError {
  code: string;
  message: string;
  /** Whether running the same input again may help. */
  retryable: boolean;
}

const count = z.coerce.number().int().nonnegative();
const timeMs = z.coerce.number().int().positive();
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue('not JSON');
    return z.NEVER;
  }
});

/** The hash `job:{id}`; every time is in ms since the epoch by Redis's clock. */
export const jobRecordSchema = z.object({
  task: z.string(),
  pool: z.string(),
  owner: z.string(),
  status: z.enum(jobStatuses),
  input: json,
  priority: z.enum(priorities),
  labels: json.pipe(z.record(z.string(), z.string())),
  /** Times this job was claimed: the fence. Never goes down. */
  attempt: count,
  /** Claims that count against `maxAttempts`; a graceful stop gives its own back. */
  tries: count,
  maxAttempts: count,
  publications: count,
  createdAt: timeMs,
  queuedAt: timeMs,
  queueDeadline: timeMs,
  runTimeoutMs: count,
  ttlMs: count,
  startedAt: timeMs.optional(),
  finishedAt: timeMs.optional(),
  expiresAt: timeMs.optional(),
  notBefore: timeMs.optional(),
  worker: z.string().optional(),
  progressValue: z.coerce.number().optional(),
  progressMessage: z.string().optional(),
  outputBytes: count.optional(),
  outputMediaType: z.string().optional(),
  outputEncoding: z.enum(['identity', 'gzip']).optional(),
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
  errorRetryable: z.enum(['0', '1']).optional(),
  traceparent: z.string().optional(),
  webhook: json.pipe(webhookSchema).optional(),
});

export type JobRecord = z.output<typeof jobRecordSchema> & { id: string };

/** What is left of a job when its data are gone. */
export const tombstoneSchema = z.object({
  owner: z.string(),
  task: z.string(),
  status: z.enum(jobStatuses),
  createdAt: timeMs,
  finishedAt: timeMs,
  expiredAt: timeMs,
});
export type Tombstone = z.output<typeof tombstoneSchema> & { id: string };
