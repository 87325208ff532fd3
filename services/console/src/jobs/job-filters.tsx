/** Which of the jobs to show. It is part of the address, so that it survives a reload and can be sent on. */
import { jobStatuses } from '@factorial/core/jobs/job-status';
import type { Task } from '../api/schemas.ts';
import { type JobFilter, jobsHref } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { statusWords } from '../ui/status-badge.tsx';

/** Jobs that have expired are in no list. */
const listed = jobStatuses.filter((status) => status !== 'expired');

export interface JobFiltersProps {
  filter: JobFilter;
  tasks: readonly Task[];
}

export const JobFilters = ({ filter, tasks }: JobFiltersProps) => {
  const set = (change: Partial<JobFilter>): void => goTo(jobsHref({ ...filter, ...change }));
  const isForeign = filter.task !== '' && !tasks.some(({ name }) => name === filter.task);
  return (
    <div class="filters" role="group" aria-label="Show">
      <label>
        <span>State</span>
        <select value={filter.status} onInput={({ currentTarget }) => set({ status: currentTarget.value })}>
          <option value="">All</option>
          {listed.map((status) => (
            <option key={status} value={status}>
              {statusWords[status]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Task</span>
        <select value={filter.task} onInput={({ currentTarget }) => set({ task: currentTarget.value })}>
          <option value="">All</option>
          {isForeign && <option value={filter.task}>{filter.task}</option>}
          {tasks.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
};
