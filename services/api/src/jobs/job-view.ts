/** A job as its owner sees it. */
import { priorities, type JobRecord } from '@factorial/core/jobs/job-record';
import { isFinal, jobStatuses } from '@factorial/core/jobs/job-status';
import type { JobIntake, JobOutputs } from '@factorial/core/jobs/job-store';
import { webhookSchema } from '@factorial/core/jobs/webhook';
import type { Clock } from '@factorial/core/time/clock';
import { z } from 'zod';
import { queuedEtaSeconds, runningEtaSeconds } from './eta.ts';
import { isInlineable, readOutputValue } from './output-value.ts';
import type { ReadPool } from './pool-readings.ts';
import type { TakenIn } from './submit-job.ts';

const time = z.iso.datetime();

export const jobViewSchema = z
  .object({
    id: z.string(),
    task: z.string(),
    status: z.enum(jobStatuses),
    statusDetail: z.string().optional().describe('Why it is still in this state, where that is not plain.'),
    input: z.unknown(),
    output: z.unknown().describe('The result, where it is JSON or text of up to 64 KiB.').optional(),
    outputUrl: z.string().optional().describe('Where the result is, when it is not in `output`.'),
    outputBytes: z.number().nullable(),
    error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }).optional(),
    attempt: z.number().describe('How often it was started.'),
    maxAttempts: z.number(),
    progress: z.object({ value: z.number().min(0).max(1), message: z.string() }).optional(),
    position: z.number().optional().describe('Jobs ahead of it in the queue.'),
    etaSeconds: z.number().optional().describe('Estimated time until it is done.'),
    priority: z.enum(priorities),
    labels: z.record(z.string(), z.string()),
    createdAt: time,
    queuedAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    expiresAt: time.nullable(),
    webhook: webhookSchema.optional(),
    links: z.object({ self: z.string(), output: z.string(), events: z.string(), cancel: z.string() }),
  })
  .describe('A job.');
export type JobView = z.output<typeof jobViewSchema>;

/** Largest input that stands in a list, in characters of JSON; the job itself always tells it. */
const listedInputBytes = 4_096;
/** Largest output that stands in the job itself. */
const inlineOutputBytes = 65_536;

export const jobPath = (id: string): string => `/v1/jobs/${encodeURIComponent(id)}`;
const outputPath = (id: string): string => `${jobPath(id)}/output`;

const toTime = (ms: number): string => new Date(ms).toISOString();
const toTimeOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : toTime(ms));

const errorOf = (job: JobRecord): Pick<JobView, 'error'> =>
  job.status !== 'failed' || job.errorCode === undefined
    ? {}
    : {
        error: {
          code: job.errorCode,
          message: job.errorMessage ?? '',
          retryable: job.errorRetryable === '1',
        },
      };

const progressOf = (job: JobRecord): Pick<JobView, 'progress'> =>
  job.progressValue === undefined || job.status === 'queued'
    ? {}
    : { progress: { value: job.progressValue, message: job.progressMessage ?? '' } };

/** Its last attempt, where it waits again. A retry by its owner begins afresh: without an error, and without a start. */
const whyAgain = ({ attempt, errorCode, startedAt }: JobRecord): string => {
  if (errorCode !== undefined) return `attempt ${attempt} failed with ${errorCode}`;
  return startedAt === undefined
    ? `its owner wants it again after attempt ${attempt}`
    : `attempt ${attempt} was given back`;
};

const statusDetailOf = (job: JobRecord, nowMs: number): Pick<JobView, 'statusDetail'> => {
  if (job.status !== 'queued' || job.attempt === 0) return {};
  const when = (job.notBefore ?? 0) > nowMs ? `, next not before ${toTime(job.notBefore ?? 0)}` : '';
  return { statusDetail: `${whyAgain(job)}${when}` };
};

const fixedPart = (job: JobRecord, nowMs: number) => ({
  id: job.id,
  task: job.task,
  status: job.status,
  ...statusDetailOf(job, nowMs),
  input: job.input,
  ...errorOf(job),
  attempt: job.attempt,
  maxAttempts: job.maxAttempts,
  ...progressOf(job),
  priority: job.priority,
  labels: job.labels,
  createdAt: toTime(job.createdAt),
  queuedAt: toTime(job.queuedAt),
  startedAt: toTimeOrNull(job.startedAt),
  finishedAt: toTimeOrNull(job.finishedAt),
  expiresAt: toTimeOrNull(job.expiresAt),
  outputBytes: job.outputBytes ?? null,
  ...(job.webhook === undefined ? {} : { webhook: job.webhook }),
  links: {
    self: jobPath(job.id),
    output: outputPath(job.id),
    events: `${jobPath(job.id)}/events`,
    cancel: `${jobPath(job.id)}/cancel`,
  },
});

export interface JobViewerDeps {
  intake: JobIntake;
  outputs: JobOutputs;
  readPool: ReadPool;
  clock: Clock;
}

type Outlook = Pick<JobView, 'position' | 'etaSeconds'>;

const rounded = (seconds: number | undefined): Outlook =>
  seconds === undefined ? {} : { etaSeconds: Math.round(seconds * 10) / 10 };

const outlookOf = async (deps: JobViewerDeps, job: JobRecord): Promise<Outlook> => {
  if (isFinal(job.status)) return {};
  const [position, load] = await Promise.all([
    job.status === 'queued' ? deps.intake.position(job.id, job.pool) : undefined,
    deps.readPool(job.pool),
  ]);
  if (job.status === 'processing') {
    return rounded(runningEtaSeconds(deps.clock.now() - (job.startedAt ?? 0), load.serviceMs));
  }
  return position === undefined ? {} : { position, ...rounded(queuedEtaSeconds(position, load)) };
};

const outputOf = async (
  { outputs }: JobViewerDeps,
  job: JobRecord,
): Promise<Pick<JobView, 'output' | 'outputUrl'>> => {
  if (job.status !== 'done') return {};
  if ((job.outputBytes ?? 0) > inlineOutputBytes || !isInlineable(job))
    return { outputUrl: outputPath(job.id) };
  const output = await readOutputValue(outputs, job);
  return output === undefined ? { outputUrl: outputPath(job.id) } : { output };
};

/** A page of large inputs would be larger than anybody wants, them or us. */
const withoutLargeInput = ({ input }: JobRecord): Pick<JobView, 'input'> | undefined =>
  JSON.stringify(input).length > listedInputBytes ? { input: undefined } : undefined;

export interface JobViewer {
  /** A job that was taken in a moment ago. */
  takenIn(taken: TakenIn): Promise<JobView>;
  /** The whole job, a small output included. */
  full(job: JobRecord): Promise<JobView>;
  /** For lists: an output is only linked to, a large input left out. */
  brief(job: JobRecord): Promise<JobView>;
  /** For a webhook's receiver: a small output is in it, a large input left out, and nothing is guessed. */
  told(job: JobRecord): Promise<JobView>;
}

export const createJobViewer = (deps: JobViewerDeps): JobViewer => ({
  takenIn: async ({ record, position }) => {
    // The job is accepted: an estimate that cannot be had is no reason to say otherwise.
    const load = await deps.readPool(record.pool).catch(() => undefined);
    const eta = load === undefined ? {} : rounded(queuedEtaSeconds(position, load));
    return { ...fixedPart(record, record.createdAt), position, ...eta };
  },
  full: async (job) => {
    const [outlook, output] = await Promise.all([outlookOf(deps, job), outputOf(deps, job)]);
    return { ...fixedPart(job, deps.clock.now()), ...outlook, ...output };
  },
  brief: async (job) => ({
    ...fixedPart(job, deps.clock.now()),
    ...withoutLargeInput(job),
    ...(await outlookOf(deps, job)),
    ...(job.status === 'done' ? { outputUrl: outputPath(job.id) } : {}),
  }),
  told: async (job) => ({
    ...fixedPart(job, deps.clock.now()),
    ...withoutLargeInput(job),
    ...(await outputOf(deps, job)),
  }),
});
