/**
 * The api's data, made from docs/openapi.json: write nothing here by hand.
 * `npx vitest run packages/client/src/api-types.test.ts --update` makes it anew when a schema has changed.
 */

/**
 * Some letters by their ids, or all, of one pool where it is named.
 */
export type DeadLetterSelection =
  | {
      /**
       * @minItems 1
       * @maxItems 200
       */
      ids: string[];
    }
  | {
      all: true;
      pool?: string;
    };

export interface ApiTypes {
  Job: Job;
  JobPage: JobPage;
  JobBatchResult: JobBatchResult;
  FactorialResult: FactorialResult;
  Task: Task;
  TaskList: TaskList;
  Queue: Queue;
  PoolState: PoolState;
  StreamTicket: StreamTicket;
  PoolHistory: PoolHistory;
  DeadLetterPage: DeadLetterPage;
  RedriveResult: RedriveResult;
  PurgeResult: PurgeResult;
  WebhookDelivery: WebhookDelivery;
  WebhookDeliveryList: WebhookDeliveryList;
  WebhookSecrets: WebhookSecrets;
  Problem: Problem;
  JobSubmission: JobSubmission;
  JobBatch: JobBatch;
  DeadLetterSelection: DeadLetterSelection;
}
/**
 * A job.
 */
export interface Job {
  id: string;
  task: string;
  status: 'queued' | 'processing' | 'done' | 'failed' | 'cancelled' | 'expired';
  /**
   * Why it is still in this state, where that is not plain.
   */
  statusDetail?: string;
  input: unknown;
  /**
   * The result, where it is JSON or text of up to 64 KiB.
   */
  output?: unknown;
  /**
   * Where the result is, when it is not in `output`.
   */
  outputUrl?: string;
  outputBytes: number | null;
  error?: {
    code: string;
    message: string;
    retryable: boolean;
  };
  /**
   * How often it was started.
   */
  attempt: number;
  maxAttempts: number;
  progress?: {
    value: number;
    message: string;
  };
  /**
   * Jobs ahead of it in the queue.
   */
  position?: number;
  /**
   * Estimated time until it is done.
   */
  etaSeconds?: number;
  priority: 'high' | 'normal' | 'low';
  labels: {
    [k: string]: string;
  };
  createdAt: string;
  queuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  expiresAt: string | null;
  webhook?: {
    url: string;
    events: ('started' | 'done' | 'failed' | 'cancelled')[];
  };
  links: {
    self: string;
    output: string;
    events: string;
    cancel: string;
  };
}
export interface JobPage {
  jobs: Job[];
  nextPageToken?: string;
}
/**
 * One result per submission, in their order.
 */
export interface JobBatchResult {
  results: (
    | {
        status: 202;
        id: string;
        replayed: boolean;
        links: {
          self: string;
        };
      }
    | {
        status: number;
        problem: Problem;
      }
  )[];
}
/**
 * Problem details (RFC 9457).
 */
export interface Problem {
  /**
   * Where this kind of error is explained.
   */
  type: string;
  title: string;
  status: number;
  /**
   * What went wrong this time.
   */
  detail: string;
  /**
   * The path that was asked for.
   */
  instance: string;
  /**
   * Stable name of this kind of error.
   */
  code: string;
  /**
   * Fault by fault: a JSON pointer into the body or the name of a parameter, and the rule.
   */
  errors?: {
    pointer: string;
    detail: string;
  }[];
  retryAfterSeconds?: number;
  [k: string]: unknown;
}
/**
 * A result in the article's form.
 */
export interface FactorialResult {
  input: unknown;
  /**
   * Empty until the status is done.
   */
  output: unknown;
  status: 'processing' | 'done' | 'failed';
  error?: string;
}
/**
 * A task: its input as JSON Schema, its output, its limits.
 */
export interface Task {
  name: string;
  version: string;
  title?: string;
  description?: string;
  pool: string;
  input: {
    [k: string]: unknown;
  };
  plainInput?: string;
  output: {
    mediaType: string;
  };
  deterministic: boolean;
  limits: {
    runTimeoutSeconds: number;
    queueTimeoutSeconds: number;
    maxAttempts: number;
    memoryMiB: number;
  };
  links: {
    self: string;
  };
}
export interface TaskList {
  tasks: Task[];
}
/**
 * The queue, pool by pool.
 */
export interface Queue {
  pools: {
    pool: string;
    /**
     * Jobs that wait.
     */
    ready: number;
    /**
     * Jobs that run.
     */
    inFlight: number;
    oldestWaitSeconds: number;
    /**
     * No job is started until the pool is resumed; those that run go on.
     */
    paused: boolean;
    pausedSince?: string;
    workers: {
      busy: number;
      idle: number;
      draining: number;
    };
    /**
     * Moving average of run times.
     */
    serviceSeconds?: number;
    /**
     * Estimate for a job submitted now; absent while the pool is paused.
     */
    etaSeconds?: number;
    /**
     * What the scaler decided last, and why; absent when none has spoken within 15 s.
     */
    scaler?: {
      decision: 'scale' | 'hold';
      reason: string;
      restricted?: string;
      replicas?: number;
    };
  }[];
}
/**
 * Whether a pool starts jobs.
 */
export interface PoolState {
  pool: string;
  paused: boolean;
  /**
   * Absent where it is not paused.
   */
  pausedSince?: string;
}
/**
 * Opens one stream in place of a token, for clients that cannot send headers.
 */
export interface StreamTicket {
  /**
   * For `?ticket=`, once.
   */
  ticket: string;
  /**
   * 30, or less where the token expires sooner.
   */
  expiresInSeconds: number;
}
/**
 * A pool's last minutes.
 */
export interface PoolHistory {
  pool: string;
  /**
   * From one sample to the next; where one is missing nobody could take it.
   */
  stepSeconds: number;
  /**
   * Oldest first, at most some 360.
   */
  samples: {
    at: string;
    /**
     * Jobs that wait.
     */
    waiting: number;
    /**
     * Jobs that run.
     */
    processing: number;
    /**
     * Workers with a job.
     */
    busy: number;
    /**
     * Workers without one.
     */
    idle: number;
    /**
     * Workers that take no further job.
     */
    draining: number;
    /**
     * Workers that the scaler wants; absent while it holds.
     */
    replicas?: number;
    /**
     * What the scaler says from this sample on; absent where it says what it said before.
     */
    scaler?: {
      decision: 'scale' | 'hold';
      reason: string;
      restricted?: string;
    };
  }[];
}
export interface DeadLetterPage {
  /**
   * Items: A message that nobody could work on.
   */
  deadLetters: {
    id: string;
    pool: string;
    reason: 'not_json' | 'wrong_schema' | 'unknown_version' | 'delivery_limit' | 'rejected' | 'unknown';
    detail: string;
    /**
     * When it was set aside; where nobody noted that, when it was first listed. Absent where what is stored of it cannot be read.
     */
    deadAt?: string;
    messageId?: string;
    /**
     * The job it speaks of, where that can be told.
     */
    jobId?: string;
    /**
     * Of the whole body.
     */
    bytes: number;
    /**
     * The body's beginning, as text.
     */
    preview: string;
    /**
     * False where the body is not kept whole: it was too large, or what is stored cannot be read.
     */
    redrivable: boolean;
  }[];
  nextPageToken?: string;
  /**
   * Letters for which there is no room in the list before others are gone.
   */
  uncollected: number;
}
export interface RedriveResult {
  /**
   * Letters that are in their queues again.
   */
  redriven: number;
  /**
   * Those that stay: no such letter, somebody else is sending it, its body was not kept whole, the broker did not confirm, or it was not tried any more.
   */
  left: {
    id: string;
    why: 'missing' | 'held' | 'cut' | 'unconfirmed' | 'untried';
  }[];
  /**
   * Where all were chosen, and the broker tells: letters in it by now, for lack of room or because they died again.
   */
  uncollected?: number;
}
export interface PurgeResult {
  purged: number;
}
/**
 * Something that happened to a job, told to its webhook.
 */
export interface WebhookDelivery {
  /**
   * The `webhook-id` of every attempt.
   */
  id: string;
  event: 'started' | 'done' | 'failed' | 'cancelled';
  url: string;
  status: 'pending' | 'delivered' | 'failed';
  /**
   * The newest 20, oldest first.
   */
  attempts: {
    at: string;
    /**
     * What the target answered.
     */
    status?: number;
    /**
     * Why it did not count as delivered.
     */
    error?: string;
    durationMs: number;
  }[];
  /**
   * Absent when there will be none.
   */
  nextAttemptAt?: string;
}
export interface WebhookDeliveryList {
  deliveries: WebhookDelivery[];
}
/**
 * What a caller's webhook deliveries are signed with.
 */
export interface WebhookSecrets {
  /**
   * As Standard Webhooks has them, `whsec_…`; the newest first. A delivery is signed with each.
   */
  secrets: string[];
}
/**
 * A job to be done.
 */
export interface JobSubmission {
  /**
   * Name of a registered task.
   */
  task: string;
  /**
   * What the task's own schema says.
   */
  input: unknown;
  priority?: 'high' | 'normal' | 'low';
  /**
   * For finding jobs again.
   */
  labels?: {
    [k: string]: string;
  };
  /**
   * Longest wait in the queue; the task sets the most.
   */
  queueTimeoutSeconds?: number;
  /**
   * Longest run; the task sets the most.
   */
  runTimeoutSeconds?: number;
  /**
   * How long the finished job is kept.
   */
  ttlSeconds?: number;
  /**
   * Who is told of the job by POST, signed as Standard Webhooks has it.
   */
  webhook?: {
    /**
     * Where to POST to: https, and an address of the internet.
     */
    url: string;
    /**
     * What to tell.
     *
     * @minItems 1
     * @maxItems 16
     */
    events?: ('started' | 'done' | 'failed' | 'cancelled')[];
  };
}
/**
 * Submissions, each as for a single job.
 */
export interface JobBatch {
  /**
   * @minItems 1
   * @maxItems 1000
   */
  jobs: unknown[];
}
