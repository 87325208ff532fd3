/** The first page: a form for a new job, and the list of one's own. */
import { useState } from 'preact/hooks';
import type { Job } from '../api/schemas.ts';
import { type JobFilter, jobHref } from '../routing/route.ts';
import { Page } from '../shell/page.tsx';
import { NewJob, useTasks } from '../submit/new-job.tsx';
import { Icon } from '../ui/icon.tsx';
import { JobList } from './job-list.tsx';

const Submitted = ({ job }: { job: Job }) => (
  <p class="submitted">
    <Icon name="done" />{' '}
    <span>
      Submitted. <a href={jobHref(job.id)}>Watch it</a>
    </span>
  </p>
);

export const JobsPage = ({ filter }: { filter: JobFilter }) => {
  const tasks = useTasks();
  const [newest, setNewest] = useState<Job>();
  return (
    <Page title="Jobs">
      <div class="jobs-layout">
        <div class="jobs-form">
          <NewJob {...tasks} onSubmitted={setNewest} />
          {newest && <Submitted job={newest} />}
        </div>
        <JobList filter={filter} tasks={tasks.tasks ?? []} newest={newest?.id} />
      </div>
    </Page>
  );
};
