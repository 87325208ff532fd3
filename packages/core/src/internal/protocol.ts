/** What travels on the internal port between the api, its workers and the scaler. Both sides parse with these schemas. */
import { z } from 'zod';
import { poolNameSchema, taskDefinitionSchema } from '../tasks/task-definition.ts';

const id = z.string().min(1).max(128);
const attempt = z.number().int().positive();
const pool = poolNameSchema;

/** Names one attempt of one job; `token` was given with the claim and is good for this attempt alone. */
export const attemptRefSchema = z.object({ id, attempt, token: z.string().min(1).max(128) });
export type AttemptRef = z.output<typeof attemptRefSchema>;

// POST /internal/v1/claims
export const claimsRequestSchema = z.object({
  worker: id,
  /** A job of another pool is `gone` for this worker, whatever queue its message lay in. */
  pool,
  deliveries: z
    .array(z.object({ id, nonce: z.string().min(1).max(128), redelivered: z.boolean().default(false) }))
    .min(1)
    .max(256),
});
export type ClaimsRequest = z.input<typeof claimsRequestSchema>;

export const claimOutcomeSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('ok'),
    /** The job to run: mostly the delivered one, a more urgent one where one was waiting. */
    id,
    attempt,
    token: z.string(),
    task: z.string(),
    input: z.unknown(),
    runTimeoutSeconds: z.number(),
    traceparent: z.string().optional(),
  }),
  /** Somebody holds it. `retryAfterMs` > 0: the holder's connection broke; ask again then, its lease may be void. */
  z.object({ outcome: z.literal('busy'), retryAfterMs: z.number().nonnegative() }),
  z.object({ outcome: z.literal('terminal') }),
  z.object({ outcome: z.literal('gone') }),
  /** The pool starts no job at present: give the delivery back, and take none until a heartbeat's answer says so. */
  z.object({ outcome: z.literal('paused') }),
]);
export type ClaimOutcome = z.output<typeof claimOutcomeSchema>;
/** One outcome per delivery, in their order. */
export const claimsResponseSchema = z.object({ claims: z.array(claimOutcomeSchema) });

// POST /internal/v1/outcomes
export const outcomeSchema = z.discriminatedUnion('result', [
  /** `output` is a JSON value; for a text media type it is the text itself. */
  attemptRefSchema.extend({
    result: z.literal('done'),
    output: z.unknown(),
    mediaType: z.string().min(3).max(255),
  }),
  /** The output was uploaded before by PUT /internal/v1/jobs/{id}/output. */
  attemptRefSchema.extend({ result: z.literal('done-uploaded') }),
  attemptRefSchema.extend({
    result: z.literal('failed'),
    error: z.object({ code: z.string().min(1).max(64), message: z.string().max(4_000) }),
    /** `never`: permanent. `backoff`: again with growing delays. `later`: again after `delaySeconds`. */
    retry: z.enum(['never', 'later', 'backoff']),
    delaySeconds: z.number().min(0).max(86_400).optional(),
  }),
  /** Given back unfinished by a worker that stops. */
  attemptRefSchema.extend({ result: z.literal('released') }),
]);
export type Outcome = z.output<typeof outcomeSchema>;
export const outcomesRequestSchema = z.object({ outcomes: z.array(outcomeSchema).min(1).max(256) });

export const outcomeAnswers = ['ok', 'same', 'stale', 'gone'] as const;
export type OutcomeAnswer = (typeof outcomeAnswers)[number];
/** One answer per outcome, in their order. */
export const outcomesResponseSchema = z.object({ answers: z.array(z.enum(outcomeAnswers)) });

// POST /internal/v1/progress
/** Bytes of log and streamed output of an attempt that are told as events; what comes after that is not kept. */
export const mostSaid = 256 * 1024;
/** Characters of log, and of output, in one update. */
export const mostSaidAtOnce = 65_536;
const said = z.string().max(mostSaidAtOnce).default('');
export const progressRequestSchema = z.object({
  progress: z
    .array(
      attemptRefSchema.extend({
        value: z.number().min(0).max(1),
        message: z.string().max(500).default(''),
        /** Bytes of log and output that this attempt has said before: what is told a second time is known by it. */
        before: z.number().int().nonnegative().default(0),
        /** What the task has logged since, in whole lines. */
        log: said,
        /** What it has streamed since. */
        output: said,
      }),
    )
    .min(1)
    .max(256),
});
export type ProgressUpdate = z.output<typeof progressRequestSchema>['progress'][number];

// PUT /internal/v1/workers/{id}
export const workerStates = ['starting', 'active', 'draining'] as const;
export const heartbeatRequestSchema = z.object({
  pool,
  /** Jobs it can run at a time. */
  slots: z.number().int().min(1).max(256),
  state: z.enum(workerStates),
  /** ms since the epoch, by the worker's clock. */
  startedAt: z.number().int().positive(),
  /** ms from the process's start to its first readiness; 0 while starting. */
  coldStartMs: z.number().nonnegative().max(86_400_000).default(0),
  /** Deliveries it holds and has not claimed. */
  held: z.number().int().nonnegative().max(100_000),
  jobs: z.array(attemptRefSchema.extend({ runningMs: z.number().nonnegative() })).max(1_024),
});
export type Heartbeat = z.output<typeof heartbeatRequestSchema>;

export const heartbeatResponseSchema = z.object({
  /** Attempts whose job was cancelled: stop the run, acknowledge. */
  cancel: z.array(z.object({ id, attempt })),
  /** Attempts that are no longer this worker's: stop the run, acknowledge. */
  lost: z.array(z.object({ id, attempt })),
  /** Take no new job for as long as this is told. */
  drain: z.boolean(),
  /** The pool is paused: take no new job for as long as this is told. An api of an earlier version does not know it. */
  paused: z.boolean().default(false),
});
export type HeartbeatAnswer = z.output<typeof heartbeatResponseSchema>;

// GET /internal/v1/pools/{pool}
export const poolWorkerSchema = z.object({
  id,
  slots: z.number(),
  busy: z.number(),
  state: z.enum(workerStates),
  ageMs: z.number(),
  coldStartMs: z.number(),
  /** Mean of the running jobs' ages so far. */
  runningMs: z.number(),
});
export const poolResponseSchema = z.object({
  pool: z.string(),
  /** Jobs waiting and being processed, by Redis. */
  waiting: z.number(),
  processing: z.number(),
  oldestWaitMs: z.number(),
  /** Moving average of run times; absent before the first job. */
  serviceMs: z.number().optional(),
  /** Some worker of the pool has told what it runs; until then its jobs are refused. */
  announced: z.boolean(),
  /** No job of it is started until it is resumed. An api of an earlier version does not know it. */
  paused: z.boolean().default(false),
  workers: z.array(poolWorkerSchema),
});
export type PoolReport = z.output<typeof poolResponseSchema>;

// POST /internal/v1/pools/{pool}/drain
export const drainRequestSchema = z.object({
  /** Workers that should take no further job; busy ones are not asked. */
  workers: z.array(id).max(1_024),
  /**
   * The request lapses after this time, so that a scaler that dies leaves no worker idle for ever. 0 takes an earlier
   * request back, from busy workers too.
   */
  ttlSeconds: z.number().int().min(0).max(3_600).default(60),
});
export const drainResponseSchema = z.object({ draining: z.array(id) });

// POST /internal/v1/pools/{pool}/scaler
export const scalerStatementSchema = z.object({
  /** `hold`: a reading is missing, nothing is touched. */
  decision: z.enum(['scale', 'hold']),
  reason: z.string().min(1).max(200),
  /** What keeps it from the number that the work asks for. */
  restricted: z.string().max(200).optional(),
  /** Workers it wants; absent while it holds. */
  replicas: z.number().int().nonnegative().optional(),
});
export type ScalerStatement = z.output<typeof scalerStatementSchema>;

// PUT /internal/v1/tasks/{name}
export const announceRequestSchema = taskDefinitionSchema;
