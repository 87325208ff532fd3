/** Hands jobs in. A key goes with every submission, so that sending it again makes no second job. */
import type { Job, JobBatchResult, JobSubmission } from '../api-types.ts';
import { type Call, readJson } from '../transport/call.ts';

export interface SubmitOptions {
  /** Default: one is made for this call, and kept over its tries. */
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface HeldSubmitOptions extends SubmitOptions {
  /** How long the answer may wait for the job's end; 0: not at all. */
  waitSeconds?: number;
}

/** Not `crypto.randomUUID`: browsers have that on secure origins only. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

/** `Prefer: wait=n` where there is something to wait for. */
export const waiting = (seconds: number) => ({
  headers: seconds > 0 ? { prefer: `wait=${seconds}` } : {},
  heldMs: seconds * 1_000,
});

export const submitJob = async (
  call: Call,
  submission: JobSubmission,
  { idempotencyKey = newKey(), signal, waitSeconds = 0 }: HeldSubmitOptions = {},
): Promise<Job> => {
  const { headers, heldMs } = waiting(waitSeconds);
  return call(
    {
      method: 'POST',
      path: '/v1/jobs',
      json: submission,
      headers: { 'idempotency-key': idempotencyKey, ...headers },
      heldMs,
      signal,
    },
    readJson<Job>,
  );
};

export type BatchResult = JobBatchResult['results'][number];

export const submitJobBatch = async (
  call: Call,
  submissions: readonly JobSubmission[],
  { idempotencyKey = newKey(), signal }: SubmitOptions = {},
): Promise<BatchResult[]> => {
  const request = {
    method: 'POST',
    path: '/v1/jobs/batch',
    json: { jobs: submissions },
    headers: { 'idempotency-key': idempotencyKey },
    signal,
  } as const;
  return (await call(request, readJson<JobBatchResult>)).results;
};
