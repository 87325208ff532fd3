/** Looks at jobs: one, or all of the caller's. */
import type { Job, JobPage } from '../api-types.ts';
import { type Call, readJson } from '../transport/call.ts';
import { type JobRef, jobPath } from './job-ref.ts';
import { waiting } from './submit-jobs.ts';

export interface RequestOptions {
  signal?: AbortSignal | undefined;
}

export interface GetOptions extends RequestOptions {
  /** How long the server may hold its answer back until the job has ended; 60 at most, 0 by default. */
  waitSeconds?: number | undefined;
}

export const getJob = async (
  call: Call,
  job: JobRef,
  { waitSeconds = 0, signal }: GetOptions = {},
): Promise<Job> => call({ path: jobPath(job), ...waiting(waitSeconds), signal }, readJson<Job>);

export interface ListOptions extends RequestOptions {
  status?: Job['status'] | undefined;
  task?: string | undefined;
  /** All of them have to fit. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** Jobs a request; 50 unless given, 200 at most. */
  pageSize?: number | undefined;
}

const queryOf = ({ status, task, labels = {}, pageSize }: ListOptions): URLSearchParams => {
  const query = new URLSearchParams();
  if (status !== undefined) query.set('status', status);
  if (task !== undefined) query.set('task', task);
  if (pageSize !== undefined) query.set('pageSize', String(pageSize));
  for (const [key, value] of Object.entries(labels)) query.append('label', `${key}:${value}`);
  return query;
};

/** Newest first, page after page as they are asked for. */
export async function* listJobs(call: Call, options: ListOptions = {}): AsyncGenerator<Job, void, undefined> {
  const query = queryOf(options);
  for (;;) {
    const page = await call({ path: '/v1/jobs', query, signal: options.signal }, readJson<JobPage>);
    yield* page.jobs;
    if (page.nextPageToken === undefined) return;
    query.set('pageToken', page.nextPageToken);
  }
}
