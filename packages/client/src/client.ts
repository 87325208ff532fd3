/** What a client can do. How it is done is in the folders beside this file; `create-client.ts` puts it together. */
import type {
  DeadLetterSelection,
  Job,
  JobSubmission,
  PurgeResult,
  Queue,
  RedriveResult,
  Task,
} from './api-types.ts';
import type { DeadLetter, DeadLetterListOptions } from './dead-letters.ts';
import type { JobEvent } from './jobs/job-event.ts';
import type { EventsOptions } from './jobs/job-events.ts';
import type { JobOutput } from './jobs/job-output.ts';
import type { JobRef } from './jobs/job-ref.ts';
import type { GetOptions, ListOptions, RequestOptions } from './jobs/read-jobs.ts';
import type { BatchResult, SubmitOptions } from './jobs/submit-jobs.ts';
import type { RunOptions, WaitOptions } from './jobs/wait-for-job.ts';
import type { WebhookEvent, WebhookRequest } from './webhooks/verify-webhook.ts';

/**
 * Every method takes a `signal` that ends it with the signal's reason, and throws `FactorialError` for what the api refuses
 * or nobody answers. What may pass (429, 502, 503, 504, a lost connection) is tried again first, with growing pauses or
 * after the `Retry-After` that came with it.
 */
export interface FactorialClient {
  /**
   * Submits a job and waits for its end: usually one request in all.
   * @returns the job, done. An output over 64 KiB is not in it; `output` gets it.
   * @throws JobFailedError where it ends as failed or cancelled; FactorialError `wait-timeout` after `timeoutMs`.
   * @example
   * ```ts
   * const job = await client.run({ task: 'factorial', input: { n: 10 } });
   * console.log(job.output); // 3628800
   * ```
   */
  run: (submission: JobSubmission, options?: RunOptions) => Promise<Job>;

  /**
   * Submits a job and comes back at once. It makes an idempotency key and sends it with each try, so that there is one job.
   * @example
   * ```ts
   * const job = await client.submit({ task: 'factorial', input: { n: 10 }, priority: 'high' });
   * console.log(job.attempt, job.priority); // 0 high
   * ```
   */
  submit: (submission: JobSubmission, options?: SubmitOptions) => Promise<Job>;

  /**
   * Submits up to 1,000 jobs.
   * @returns a result for each, in their order: 202 with its id, or the problem of that one.
   * @example
   * ```ts
   * const results = await client.submitBatch([
   *   { task: 'factorial', input: { n: 10 } },
   *   { task: 'factorial', input: { n: -1 } },
   * ]);
   * for (const result of results) {
   *   if ('problem' in result) console.log(result.problem.code); // invalid-input
   * }
   * ```
   */
  submitBatch: (submissions: readonly JobSubmission[], options?: SubmitOptions) => Promise<BatchResult[]>;

  /**
   * Looks at a job; with `waitSeconds` the answer comes when it has ended, or then.
   * @example
   * ```ts
   * const { id } = await client.submit({ task: 'factorial', input: { n: 10 } });
   * const job = await client.get(id, { waitSeconds: 20 });
   * console.log(job.status); // done
   * ```
   */
  get: (job: JobRef, options?: GetOptions) => Promise<Job>;

  /**
   * The caller's jobs, newest first. Pages are asked for as they are needed.
   * @example
   * ```ts
   * await client.run({ task: 'factorial', input: { n: 10 }, labels: { order: '17' } });
   * for await (const job of client.list({ status: 'done', labels: { order: '17' } })) {
   *   console.log(job.status); // done
   *   break;
   * }
   * ```
   */
  list: (options?: ListOptions) => AsyncIterable<Job>;

  /**
   * Waits for a job's end. With `onEvent` it tells how it goes meanwhile.
   * @returns the job in its final state, whichever that is.
   * @throws FactorialError `wait-timeout` after `timeoutMs`; the job goes on.
   * @example
   * ```ts
   * const submitted = await client.submit({ task: 'factorial', input: { n: 20_000 } });
   * const job = await client.wait(submitted, {
   *   timeoutMs: 60_000,
   *   onEvent: ({ type }) => {
   *     if (type === 'done') console.log(type); // done
   *   },
   * });
   * console.log(job.status, job.outputBytes); // done 77338
   * ```
   */
  wait: (job: JobRef, options?: WaitOptions) => Promise<Job>;

  /**
   * A job's events, from its first one or after the one whose id is given, until the final one. It connects anew where a
   * connection breaks; nothing is missed, nothing comes twice.
   * @example
   * ```ts
   * const { id } = await client.submit({ task: 'factorial', input: { n: 10 } });
   * for await (const event of client.events(id)) {
   *   if (event.type === 'progress') console.error(event.data.value, event.data.message);
   *   if (event.type === 'done') console.log(event.data.outputBytes); // 7
   * }
   * ```
   */
  events: (job: JobRef, options?: EventsOptions) => AsyncIterable<JobEvent>;

  /**
   * A done job's output: as a stream, or whole by `text()`, `json()` or `bytes()`.
   * @example
   * ```ts
   * const job = await client.run({ task: 'factorial', input: { n: 150_000 } });
   * const output = await client.output(job);
   * const digits = await output.text();
   * console.log(output.mediaType, digits.length); // text/plain 711273
   * ```
   */
  output: (job: JobRef, options?: RequestOptions) => Promise<JobOutput>;

  /**
   * Cancels a job: a queued one at once, a running one within 3 s.
   * @throws FactorialError `wrong-state` where it has ended.
   * @example
   * ```ts
   * const { id } = await client.submit({ task: 'factorial', input: { n: 1_000_000 } });
   * const job = await client.cancel(id);
   * console.log(job.status); // cancelled
   * ```
   */
  cancel: (job: JobRef, options?: RequestOptions) => Promise<Job>;

  /**
   * Runs a failed or cancelled job again, under its id.
   * @example
   * ```ts
   * const { id } = await client.submit({ task: 'factorial', input: { n: 200_000 } });
   * await client.cancel(id);
   * await client.retry(id);
   * const job = await client.wait(id);
   * console.log(job.status); // done
   * ```
   */
  retry: (job: JobRef, options?: RequestOptions) => Promise<Job>;

  /**
   * Deletes an ended job's data now; its id answers 410 `job-expired` from then on.
   * @example
   * ```ts
   * const { id } = await client.run({ task: 'factorial', input: { n: 10 } });
   * await client.remove(id);
   * await client.get(id).catch((error) => console.log(error.code)); // job-expired
   * ```
   */
  remove: (job: JobRef, options?: RequestOptions) => Promise<void>;

  /**
   * The tasks there are, with the JSON Schema of their input and their limits.
   * @example
   * ```ts
   * const tasks = await client.tasks();
   * console.log(tasks.map((task) => task.name).join()); // factorial
   * ```
   */
  tasks: (options?: RequestOptions) => Promise<Task[]>;

  /**
   * How the queue is doing, pool by pool: who waits, who works, what the scaler does and why.
   * @example
   * ```ts
   * const queue = await client.queue();
   * for (const { pool, paused } of queue.pools) console.log(pool, paused); // factorial false
   * ```
   */
  queue: (options?: RequestOptions) => Promise<Queue>;

  /**
   * Checks that a webhook is genuine and fresh. (`verifyWebhook` is exported by itself, too: it needs no client.)
   * @throws WebhookVerificationError
   * @example
   * ```ts
   * const { body, headers, secret } = received;
   * const event = await client.verifyWebhook({ body, headers, secrets: secret });
   * console.log(event.type, event.data.status); // job.done done
   * ```
   */
  verifyWebhook: (request: WebhookRequest) => Promise<WebhookEvent>;

  /**
   * What the caller's webhooks are signed with, the newest first: for `verifyWebhook`.
   * @example
   * ```ts
   * const secrets = await client.webhookSecrets();
   * console.log(secrets.every((secret) => secret.startsWith('whsec_'))); // true
   * ```
   */
  webhookSecrets: (options?: RequestOptions) => Promise<string[]>;

  /** For tokens with the scope `admin`. */
  deadLetters: {
    /**
     * Messages that nobody could work on, the oldest first.
     * @example
     * ```ts
     * for await (const letter of admin.deadLetters.list()) console.log(letter.reason); // not_json
     * ```
     */
    list: (options?: DeadLetterListOptions) => AsyncIterable<DeadLetter>;

    /**
     * Puts them into their pools' queues again: those of some ids, or all.
     * @example
     * ```ts
     * const { left } = await admin.deadLetters.redrive({ ids: ['no-such-letter'] });
     * for (const { why } of left) console.log(why); // missing
     * ```
     */
    redrive: (selection: DeadLetterSelection, options?: RequestOptions) => Promise<RedriveResult>;

    /**
     * Throws them away.
     * @example
     * ```ts
     * const { purged } = await admin.deadLetters.purge({ all: true });
     * console.log(purged); // 1
     * ```
     */
    purge: (selection: DeadLetterSelection, options?: RequestOptions) => Promise<PurgeResult>;
  };
}
