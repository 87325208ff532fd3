/** Takes a job in: checks all that can be checked, makes the record durable, sends its message off. */
import { AppError, type FieldError } from '@factorial/core/errors/app-error';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import type { AcceptOutcome, JobIntake, NewJob } from '@factorial/core/jobs/job-store';
import type { JobPublisher } from '@factorial/core/queue/job-queue';
import type { TaskDefinition } from '@factorial/core/tasks/task-definition';
import type { Webhook } from '@factorial/core/jobs/webhook';
import type { TaskRegistry } from '@factorial/core/tasks/task-registry';
import { assertNever } from '@factorial/core/errors/assert-never';
import type { Dispatcher } from './dispatch.ts';
import { fingerprintOf, storedIdempotencyKey } from './fingerprint.ts';
import { invalidInput } from './invalid-input.ts';
import type { JobSubmission } from './job-submission.ts';
import { keyReused, recallJob } from './recall-job.ts';
import type { ValidateInput } from './validate-input.ts';

export interface SubmitJobDeps {
  intake: JobIntake;
  tasks: TaskRegistry;
  publisher: JobPublisher;
  dispatcher: Dispatcher;
  validate: ValidateInput;
  /** What is wrong with a webhook as far as its URL tells. @throws AppError 422 `webhooks-disabled`. */
  faultsOfWebhook: (webhook: Webhook) => FieldError[];
  newId: () => string;
  /** How long a finished job is kept unless its submission says otherwise. */
  retentionSeconds: number;
  /** Told of each job that was taken in. */
  onAccepted: (task: string) => void;
  /** A guess at when a backlog will have room, in seconds. */
  roomInSeconds: (pool: string) => Promise<number>;
}

export interface SubmitRequest {
  owner: string;
  submission: JobSubmission;
  idempotencyKey?: string | undefined;
  traceparent?: string | undefined;
}

/** A job as it was written a moment ago: no need to read it back. */
export interface TakenIn {
  record: JobRecord;
  /** Jobs ahead of it. */
  position: number;
}

export type Submitted =
  | { id: string; replayed: false; takenIn: TakenIn }
  /** The job was made by an earlier request with the same idempotency key. */
  | { id: string; replayed: true };

export type SubmitJob = (request: SubmitRequest) => Promise<Submitted>;

const retryWithoutBrokerSeconds = 2;
const retryOverQuotaSeconds = 10;

/** @throws AppError 503 while a message would have no chance: before anything is written. */
export const requireBroker = (publisher: JobPublisher): void => {
  const health = publisher.health();
  if (health.ok) return;
  throw new AppError(
    'queue-unavailable',
    `The message broker cannot take jobs now (${health.reason}); nothing was accepted.`,
    {
      retryAfterSeconds: retryWithoutBrokerSeconds,
    },
  );
};

/** @throws AppError 404 that names the tasks there are. */
export const requireTask = async (tasks: TaskRegistry, name: string): Promise<TaskDefinition> => {
  const definition = await tasks.get(name);
  if (definition !== undefined) return definition;
  const knownTasks = (await tasks.list()).map((task) => task.name);
  throw new AppError('task-not-found', `There is no task of the name ${JSON.stringify(name.slice(0, 63))}.`, {
    extensions: { knownTasks },
  });
};

const faultsOfTimeouts = ({ limits }: TaskDefinition, submission: JobSubmission) =>
  (['runTimeoutSeconds', 'queueTimeoutSeconds'] as const).flatMap((name) =>
    (submission[name] ?? 0) > limits[name]
      ? [{ pointer: `/${name}`, detail: `must be <= ${limits[name]}, the task's own limit` }]
      : [],
  );

const idempotencyOf = ({ idempotencyKey, submission }: SubmitRequest): Pick<NewJob, 'idempotency'> =>
  idempotencyKey === undefined
    ? {}
    : { idempotency: { key: storedIdempotencyKey(idempotencyKey), fingerprint: fingerprintOf(submission) } };

const toNewJob = (deps: SubmitJobDeps, request: SubmitRequest, definition: TaskDefinition): NewJob => {
  const { submission, owner, traceparent } = request;
  const { limits } = definition;
  return {
    id: deps.newId(),
    task: definition.name,
    pool: definition.pool,
    owner,
    input: submission.input,
    priority: submission.priority,
    labels: submission.labels,
    maxAttempts: limits.maxAttempts,
    queueTimeoutMs: (submission.queueTimeoutSeconds ?? limits.queueTimeoutSeconds) * 1_000,
    runTimeoutMs: (submission.runTimeoutSeconds ?? limits.runTimeoutSeconds) * 1_000,
    ttlMs: (submission.ttlSeconds ?? deps.retentionSeconds) * 1_000,
    ...idempotencyOf(request),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(submission.webhook === undefined ? {} : { webhook: submission.webhook }),
  };
};

/** @throws AppError where a limit keeps a job from being taken in. */
export const refuseFull = async (
  kind: 'full' | 'quota',
  pool: string,
  roomInSeconds: SubmitJobDeps['roomInSeconds'],
): Promise<never> => {
  if (kind === 'quota') {
    throw new AppError(
      'quota-exceeded',
      'You have too many unfinished jobs; wait for some, or cancel them.',
      {
        retryAfterSeconds: retryOverQuotaSeconds,
      },
    );
  }
  throw new AppError('queue-full', 'The backlog is full; nothing was accepted.', {
    retryAfterSeconds: await roomInSeconds(pool),
  });
};

/** @throws AppError 503 while the pool's queue is at its limit: its jobs would have no message, and wait for no worker's look. */
export const requireRoom = async (
  { publisher, roomInSeconds }: Pick<SubmitJobDeps, 'publisher' | 'roomInSeconds'>,
  pool: string,
): Promise<void> => {
  const health = publisher.health(pool);
  if (!health.ok && health.reason === 'full') await refuseFull('full', pool, roomInSeconds);
};

const toRecord = ({ idempotency: _kept, ...job }: NewJob, createdAt: number): JobRecord => ({
  ...job,
  labels: { ...job.labels },
  status: 'queued',
  attempt: 0,
  tries: 0,
  publications: 1,
  createdAt,
  queuedAt: createdAt,
  queueDeadline: createdAt + job.queueTimeoutMs,
});

const toSubmitted = async (deps: SubmitJobDeps, job: NewJob, outcome: AcceptOutcome): Promise<Submitted> => {
  switch (outcome.kind) {
    case 'accepted':
      deps.onAccepted(job.task);
      void deps.dispatcher.dispatch({ ...job, publication: 1 });
      return {
        id: job.id,
        replayed: false,
        takenIn: { record: toRecord(job, outcome.createdAt), position: outcome.position },
      };
    case 'same':
      return { id: outcome.id, replayed: true };
    case 'conflict':
      throw keyReused();
    case 'full':
    case 'quota':
      return refuseFull(outcome.kind, job.pool, deps.roomInSeconds);
    default:
      return assertNever(outcome);
  }
};

const takeIn = async (deps: SubmitJobDeps, request: SubmitRequest): Promise<Submitted> => {
  requireBroker(deps.publisher);
  const definition = await requireTask(deps.tasks, request.submission.task);
  const faults = [
    ...deps.validate(definition, request.submission.input),
    ...faultsOfTimeouts(definition, request.submission),
    ...(request.submission.webhook === undefined ? [] : deps.faultsOfWebhook(request.submission.webhook)),
  ];
  if (faults.length > 0) throw invalidInput(faults);
  await requireRoom(deps, definition.pool);
  const job = toNewJob(deps, request, definition);
  return toSubmitted(deps, job, await deps.intake.accept(job));
};

export const createSubmitJob =
  (deps: SubmitJobDeps): SubmitJob =>
  async (request) => {
    try {
      return await takeIn(deps, request);
    } catch (refusal) {
      const about = { owner: request.owner, ...idempotencyOf(request) };
      const id = await recallJob(deps.intake, about, refusal);
      if (id === undefined) throw refusal;
      return { id, replayed: true };
    }
  };
