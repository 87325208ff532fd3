/** Every pool there is to speak of: one that has had a job or a worker, and one that a task is meant for. */
import type { DueJobs } from '@factorial/core/jobs/job-store';
import type { TaskRegistry } from '@factorial/core/tasks/task-registry';

export interface KnownPoolsDeps {
  dueJobs: Pick<DueJobs, 'pools'>;
  tasks: Pick<TaskRegistry, 'list'>;
}

/** @returns their names in order. */
export const listKnownPools = async ({ dueJobs, tasks }: KnownPoolsDeps): Promise<string[]> => {
  const [used, announced] = await Promise.all([dueJobs.pools(), tasks.list()]);
  return [...new Set([...used, ...announced.map((task) => task.pool)])].sort();
};
