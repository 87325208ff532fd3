/** A job in the list. */
import type { Job } from '../api/schemas.ts';
import { jobHref } from '../routing/route.ts';
import { ago, percent } from '../ui/format.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { inputSummary } from './input-summary.ts';
import { outlook } from './outlook.ts';

const Progress = ({ job }: { job: Job }) => {
  if (job.status !== 'processing' || job.progress === undefined) return null;
  return (
    <span class="row-progress">
      <ProgressBar value={job.progress.value} label={`Progress of ${job.id}`} />
      <span class="numbers">{percent(job.progress.value)}</span>
    </span>
  );
};

const Attempts = ({ job }: { job: Job }) =>
  job.attempt > 1 ? (
    <span class="row-attempt numbers">
      attempt {job.attempt} of {job.maxAttempts}
    </span>
  ) : null;

const Labels = ({ labels }: Pick<Job, 'labels'>) => (
  <>
    {Object.entries(labels).map(([key, value]) => (
      <span key={key} class="label-chip">
        {key}: {value}
      </span>
    ))}
  </>
);

export const JobRow = ({ job, now }: { job: Job; now: number }) => {
  const summary = inputSummary(job.input);
  return (
    <li class="row" data-job={job.id}>
      <div class="row-state">
        <StatusBadge status={job.status} />
      </div>
      <div class="row-what">
        <a class="row-link" href={jobHref(job.id)}>
          <span class="row-task">{job.task}</span>
          {summary !== '' && <span class="row-input">{summary}</span>}
        </a>
        <span class="row-id mono">{job.id}</span>
        <Labels labels={job.labels} />
      </div>
      <div class="row-outlook">
        <Progress job={job} />
        <span class="row-words">{outlook(job)}</span>
        <Attempts job={job} />
      </div>
      <time class="row-age numbers" datetime={job.createdAt} title={new Date(job.createdAt).toLocaleString()}>
        {ago(Date.parse(job.createdAt), now)}
      </time>
    </li>
  );
};
