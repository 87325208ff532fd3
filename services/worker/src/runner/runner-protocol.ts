/** The lines between a worker and its runner: one JSON object each, on the runner's stdin and stdout. */
import { z } from 'zod';

/** What a worker tells its runner. Every `run` is answered in turn by exactly one `done` or `error`, a cancelled one too. */
export type RunnerCommand =
  | { type: 'setup' }
  | { type: 'run'; id: string; attempt: number; input: unknown }
  | { type: 'cancel'; id: string; attempt: number };

const runnerMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('progress'), value: z.number(), message: z.string().optional() }),
  /** For the job's log; a line that is not the protocol is log, too. */
  z.object({ type: z.literal('log'), text: z.string() }),
  z.object({ type: z.literal('output'), chunk: z.string() }),
  /** Either an output (nothing, where it was streamed before), or a file in its place. */
  z.object({
    type: z.literal('done'),
    output: z.unknown().optional(),
    file: z.string().min(1).optional(),
    mediaType: z.string().min(3).max(255).optional(),
  }),
  z.object({
    type: z.literal('error'),
    code: z.string().min(1),
    message: z.string(),
    retry: z.enum(['never', 'later', 'backoff']).catch('backoff'),
    delaySeconds: z.number().min(0).max(86_400).optional().catch(undefined),
  }),
]);
export type RunnerMessage = z.output<typeof runnerMessageSchema>;

/** @returns undefined for a line that is not the protocol: such a line is a log line. */
export const parseRunnerMessage = (line: string): RunnerMessage | undefined => {
  if (!line.startsWith('{')) return undefined;
  try {
    return runnerMessageSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};
