/** A job by its id, or the job itself. */
import type { Job } from '../api-types.ts';

export type JobRef = string | { readonly id: string };

export const idOf = (job: JobRef): string => (typeof job === 'string' ? job : job.id);

export const jobPath = (job: JobRef): string => `/v1/jobs/${encodeURIComponent(idOf(job))}`;

const finalStates: ReadonlySet<Job['status']> = new Set(['done', 'failed', 'cancelled', 'expired']);

export const isFinal = ({ status }: Pick<Job, 'status'>): boolean => finalStates.has(status);
