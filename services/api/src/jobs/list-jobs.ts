/** An owner's jobs, filtered, page by page. */
import type { JobRecord } from '@factorial/core/jobs/job-record';
import type { JobStatus } from '@factorial/core/jobs/job-status';
import type { JobIntake } from '@factorial/core/jobs/job-store';

export interface JobFilter {
  status?: JobStatus | undefined;
  task?: string | undefined;
  /** Key and value pairs that all have to be there. */
  labels: readonly (readonly [string, string])[];
}

export interface ListQuery {
  owner: string;
  filter: JobFilter;
  pageSize: number;
  /** Place of the last job that the page before looked at. */
  before?: number | undefined;
}

export interface JobPage {
  jobs: JobRecord[];
  /** Absent on the last page. A page may hold fewer jobs than asked for and still not be the last. */
  next?: number;
}

/** Records looked at in one step, and steps in one request: a filter that fits nothing costs no more. */
const stepSize = 20;
const mostSteps = 100;

const fits = (job: JobRecord, { status, task, labels }: JobFilter): boolean =>
  (status === undefined || job.status === status) &&
  (task === undefined || job.task === task) &&
  labels.every(([key, value]) => Object.hasOwn(job.labels, key) && job.labels[key] === value);

interface Scan {
  found: JobRecord[];
  before: number | undefined;
  steps: number;
  atEnd: boolean;
}

/** A step never reads more records than the page has room for, so that what is read is what is shown. */
const step = async (intake: JobIntake, query: ListQuery, scan: Scan): Promise<void> => {
  const { owner, filter, pageSize } = query;
  const limit = Math.min(stepSize, pageSize - scan.found.length);
  const position = scan.before === undefined ? {} : { before: scan.before };
  const { jobs, next } = await intake.list({ owner, limit, ...position });
  scan.found.push(...jobs.filter((job) => fits(job, filter)));
  scan.steps += 1;
  scan.before = next;
  scan.atEnd = next === undefined;
};

export const listJobs = async (intake: JobIntake, query: ListQuery): Promise<JobPage> => {
  const scan: Scan = { found: [], before: query.before, steps: 0, atEnd: false };
  while (!scan.atEnd && scan.found.length < query.pageSize && scan.steps < mostSteps) {
    await step(intake, query, scan);
  }
  return { jobs: scan.found, ...(scan.before === undefined ? {} : { next: scan.before }) };
};
