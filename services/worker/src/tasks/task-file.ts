/** The schema of `task.json`: what the task says of itself, and how it is run. A key that it does not know is a mistake. */
import { taskDefinitionSchema, taskLimitsSchema } from '@factorial/core/tasks/task-definition';
import { z } from 'zod';

const runSchema = z.union(
  [
    /** A JavaScript or TypeScript module beside the file, with `run` and perhaps `setup`. */
    z.strictObject({ module: z.string().min(1) }),
    /** A program in any language that speaks the runner protocol; started in the task's folder. */
    z.strictObject({ command: z.array(z.string().min(1)).min(1) }),
  ],
  { error: 'has to be {"module": "./file"} or {"command": ["program", …]}' },
);

const { input, output, ...known } = taskDefinitionSchema.shape;

export const taskFileSchema = z.strictObject({
  ...known,
  input,
  output: output.unwrap().strict().prefault({ mediaType: 'application/json' }),
  limits: taskLimitsSchema.strict().prefault({}),
  /** Left out: the pool of the worker that serves it. */
  pool: taskDefinitionSchema.shape.pool.optional(),
  run: runSchema,
  /** Longest time from the start of the process to its `ready`, in seconds. */
  setupTimeoutSeconds: z.number().int().min(1).max(3_600).default(60),
});

export type TaskFile = z.output<typeof taskFileSchema>;
