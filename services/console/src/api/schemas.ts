/** What the api answers, as far as the console reads it. Whatever else an answer holds is let pass. */
import { jobStatuses } from '@factorial/core/jobs/job-status';
import * as z from 'zod/mini';

const text = z.optional(z.string());
const number = z.optional(z.number());
/** RFC 3339. */
const timeOrNull = z.nullable(z.string());

export const priorities = ['high', 'normal', 'low'] as const;

export const jobSchema = z.object({
  id: z.string(),
  task: z.string(),
  status: z.enum(jobStatuses),
  statusDetail: text,
  /** Absent in lists where it is large. */
  input: z.optional(z.unknown()),
  output: z.optional(z.unknown()),
  outputUrl: text,
  outputBytes: z.nullable(z.number()),
  error: z.optional(z.object({ code: z.string(), message: z.string(), retryable: z.boolean() })),
  attempt: z.number(),
  maxAttempts: z.number(),
  progress: z.optional(z.object({ value: z.number(), message: z.string() })),
  /** Jobs ahead of it. */
  position: number,
  etaSeconds: number,
  priority: z.enum(priorities),
  labels: z.record(z.string(), z.string()),
  createdAt: z.string(),
  queuedAt: z.string(),
  startedAt: timeOrNull,
  finishedAt: timeOrNull,
  expiresAt: timeOrNull,
  webhook: z.optional(z.object({ url: z.string() })),
});
export type Job = z.output<typeof jobSchema>;

export const jobPageSchema = z.object({ jobs: z.array(jobSchema), nextPageToken: text });
export type JobPage = z.output<typeof jobPageSchema>;

const taskSchema = z.object({
  name: z.string(),
  title: text,
  description: text,
  /** JSON Schema, 2020-12. */
  input: z.record(z.string(), z.unknown()),
  output: z.object({ mediaType: z.string() }),
});
export type Task = z.output<typeof taskSchema>;
export const taskListSchema = z.object({ tasks: z.array(taskSchema) });

const scalerStatementSchema = z.object({
  /** `hold`: it knows too little to touch anything. */
  decision: z.enum(['scale', 'hold']),
  reason: z.string(),
  /** What keeps it from the number that the work asks for. */
  restricted: text,
  /** Workers it wants. */
  replicas: number,
});
export type ScalerStatement = z.output<typeof scalerStatementSchema>;

const poolSchema = z.object({
  pool: z.string(),
  ready: z.number(),
  inFlight: z.number(),
  oldestWaitSeconds: z.number(),
  paused: z.boolean(),
  pausedSince: text,
  workers: z.object({ busy: z.number(), idle: z.number(), draining: z.number() }),
  serviceSeconds: number,
  etaSeconds: number,
  scaler: z.optional(scalerStatementSchema),
});
export type Pool = z.output<typeof poolSchema>;
export const queueSchema = z.object({ pools: z.array(poolSchema) });

export const poolHistorySchema = z.object({
  stepSeconds: z.number(),
  samples: z.array(
    z.object({
      at: z.string(),
      waiting: z.number(),
      processing: z.number(),
      busy: z.number(),
      idle: z.number(),
      draining: z.number(),
      replicas: number,
      scaler: z.optional(z.omit(scalerStatementSchema, { replicas: true })),
    }),
  ),
});
export type PoolHistory = z.output<typeof poolHistorySchema>;

const deadLetterSchema = z.object({
  id: z.string(),
  pool: z.string(),
  reason: z.string(),
  detail: z.string(),
  deadAt: text,
  jobId: text,
  bytes: z.number(),
  preview: z.string(),
  redrivable: z.boolean(),
});
export type DeadLetter = z.output<typeof deadLetterSchema>;
export const deadLetterPageSchema = z.object({
  deadLetters: z.array(deadLetterSchema),
  nextPageToken: text,
  uncollected: z.number(),
});
export type DeadLetterPage = z.output<typeof deadLetterPageSchema>;
export const redriveSchema = z.object({
  redriven: z.number(),
  left: z.array(z.object({ id: z.string(), why: z.string() })),
});
export type Redriven = z.output<typeof redriveSchema>;
export const purgeSchema = z.object({ purged: z.number() });

const deliverySchema = z.object({
  id: z.string(),
  event: z.string(),
  url: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.array(
    z.object({ at: z.string(), status: number, error: text, durationMs: z.optional(z.number()) }),
  ),
  nextAttemptAt: text,
});
export type Delivery = z.output<typeof deliverySchema>;
export const deliveriesSchema = z.object({ deliveries: z.array(deliverySchema) });

export const ticketSchema = z.object({ ticket: z.string() });

export const problemSchema = z.object({
  status: z.number(),
  title: z.string(),
  detail: z.string(),
  code: z.string(),
  errors: z.optional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
  retryAfterSeconds: number,
});
export type Problem = z.output<typeof problemSchema>;
/** One fault: a JSON pointer into the body, and the rule. */
export interface FieldFault {
  pointer: string;
  detail: string;
}
