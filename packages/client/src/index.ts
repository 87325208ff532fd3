/** The library's entry: for Node and browsers, so that nothing below imports a module of Node's. */
export type * from './api-types.ts';
export type { FactorialClient } from './client.ts';
export { type ClientOptions, createClient } from './create-client.ts';
export type { DeadLetter, DeadLetterListOptions } from './dead-letters.ts';
export { type ClientErrorCode, FactorialError, type FactorialErrorFields, JobFailedError } from './errors.ts';
export type { JobEvent, JobEventType } from './jobs/job-event.ts';
export type { EventsOptions } from './jobs/job-events.ts';
export type { JobOutput } from './jobs/job-output.ts';
export type { JobRef } from './jobs/job-ref.ts';
export type { GetOptions, ListOptions, RequestOptions } from './jobs/read-jobs.ts';
export type { BatchResult, SubmitOptions } from './jobs/submit-jobs.ts';
export type { RunOptions, WaitOptions } from './jobs/wait-for-job.ts';
export type { TokenSource } from './transport/call.ts';
export {
  verifyWebhook,
  type WebhookErrorCode,
  type WebhookEvent,
  type WebhookRequest,
  WebhookVerificationError,
} from './webhooks/verify-webhook.ts';
