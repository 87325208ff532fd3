/** What a task says of itself: the schema of `task.json`, without how it is run. */
import { z } from 'zod';
import { slugPattern } from '../config/fields.ts';

export const poolNameSchema = z.string().regex(slugPattern);

export const taskLimitsSchema = z.object({
  /** Longest run, in seconds. */
  runTimeoutSeconds: z.number().int().min(1).max(86_400).default(300),
  /** Longest wait in the queue, in seconds. */
  queueTimeoutSeconds: z.number().int().min(1).max(604_800).default(86_400),
  /** Claims before the job is failed for good. */
  maxAttempts: z.number().int().min(1).max(20).default(3),
  /** Resident memory at which the runner is stopped. */
  memoryMiB: z.number().int().min(16).max(1_048_576).default(384),
});

export const taskDefinitionSchema = z.object({
  name: z.string().regex(slugPattern),
  version: z.string().min(1).max(64),
  title: z.string().max(200).optional(),
  description: z.string().max(2_000).optional(),
  /** The pool (queue and workers) that runs it. */
  pool: poolNameSchema,
  /** JSON Schema of the input. */
  input: z.record(z.string(), z.unknown()),
  /** The one property that stands for the whole input where only one value fits: the seed's `?no=`, its results and the queue's messages. */
  plainInput: z.string().optional(),
  output: z.object({ mediaType: z.string().min(3).max(255) }).default({ mediaType: 'application/json' }),
  deterministic: z.boolean().default(false),
  limits: taskLimitsSchema.prefault({}),
});

/** A task as the API knows it. `limits` in the units their names say. */
export type TaskDefinition = z.output<typeof taskDefinitionSchema>;

/** The input in the plain form, where the task has one and the input fits it; else the input itself. */
export const toPlainInput = (definition: TaskDefinition | undefined, input: unknown): unknown => {
  const property = definition?.plainInput;
  if (property === undefined || typeof input !== 'object' || input === null) return input;
  return Object.hasOwn(input, property) ? Reflect.get(input, property) : input;
};
