/** Puts the client together. */
import type { Queue, TaskList, WebhookSecrets } from './api-types.ts';
import type { FactorialClient } from './client.ts';
import { listDeadLetters, purgeDeadLetters, redriveDeadLetters } from './dead-letters.ts';
import { cancelJob, removeJob, retryJob } from './jobs/change-job.ts';
import { jobEvents } from './jobs/job-events.ts';
import { readJobOutput } from './jobs/job-output.ts';
import { getJob, listJobs } from './jobs/read-jobs.ts';
import { submitJob, submitJobBatch } from './jobs/submit-jobs.ts';
import { runJob, waitForJob } from './jobs/wait-for-job.ts';
import { type Call, type CallDeps, createCall, readJson, type TokenSource } from './transport/call.ts';
import { verifyWebhook } from './webhooks/verify-webhook.ts';

export interface ClientOptions {
  /** Where the api answers: `https://jobs.example.com`. */
  baseUrl: string;
  /** A token, or where to get one: it is asked for each request, and once more when one is refused. */
  token?: TokenSource | undefined;
  /** Default: the one there is. */
  fetch?: typeof fetch | undefined;
  /** How long one try may take until it is answered, ms; of a stream, until it begins and between its pieces. Default: 30,000. */
  timeoutMs?: number | undefined;
  /** Further tries where one may help. Default: 5. */
  retries?: number | undefined;
  /** A number in [0, 1), for the pauses between tries. */
  random?: (() => number) | undefined;
}

const callDepsOf = (options: ClientOptions): CallDeps => ({
  baseUrl: options.baseUrl.replace(/\/+$/, ''),
  token: options.token,
  // A browser's fetch insists on being called as the window's own.
  fetch: options.fetch ?? (async (input, init) => fetch(input, init)),
  timeoutMs: options.timeoutMs ?? 30_000,
  retries: options.retries ?? 5,
  random: options.random ?? Math.random,
});

type AboutJobs = Omit<
  FactorialClient,
  'tasks' | 'queue' | 'verifyWebhook' | 'webhookSecrets' | 'deadLetters'
>;

const aboutJobs = (call: Call, deps: CallDeps): AboutJobs => {
  const waiting = { ...deps, call };
  return {
    run: async (submission, options) => runJob(waiting, submission, options),
    submit: async (submission, options) => submitJob(call, submission, options),
    submitBatch: async (submissions, options) => submitJobBatch(call, submissions, options),
    get: async (job, options) => getJob(call, job, options),
    list: (options) => listJobs(call, options),
    wait: async (job, options) => waitForJob(waiting, job, options),
    events: (job, options) => jobEvents(waiting, job, options),
    output: async (job, options) => readJobOutput({ call, idleMs: deps.timeoutMs }, job, options),
    cancel: async (job, options) => cancelJob(call, job, options),
    retry: async (job, options) => retryJob(call, job, options),
    remove: async (job, options) => removeJob(call, job, options),
  };
};

/**
 * @example
 * ```ts
 * const mine = createClient({ baseUrl: 'https://jobs.example.com', token: async () => 'a fresh token' });
 * console.log(typeof mine.run); // function
 * ```
 */
export const createClient = (options: ClientOptions): FactorialClient => {
  const deps = callDepsOf(options);
  const call = createCall(deps);
  return {
    ...aboutJobs(call, deps),
    tasks: async ({ signal } = {}) => (await call({ path: '/v1/tasks', signal }, readJson<TaskList>)).tasks,
    queue: async ({ signal } = {}) => call({ path: '/v1/queue', signal }, readJson<Queue>),
    verifyWebhook,
    webhookSecrets: async ({ signal } = {}) =>
      (await call({ path: '/v1/webhook-secrets', signal }, readJson<WebhookSecrets>)).secrets,
    deadLetters: {
      list: (listOptions) => listDeadLetters(call, listOptions),
      redrive: async (selection, redriveOptions) => redriveDeadLetters(call, selection, redriveOptions),
      purge: async (selection, purgeOptions) => purgeDeadLetters(call, selection, purgeOptions),
    },
  };
};
