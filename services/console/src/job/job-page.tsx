/** One job: how it stands, what it has gone through, what came out. */
import { isFinal } from '@factorial/core/jobs/job-status';
import { useEffect, useRef } from 'preact/hooks';
import type { Job } from '../api/schemas.ts';
import { inputSummary } from '../jobs/input-summary.ts';
import { outlook } from '../jobs/outlook.ts';
import { jobsHref } from '../routing/route.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Page } from '../shell/page.tsx';
import { Fault } from '../ui/fault.tsx';
import { percent } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { LiveState } from '../ui/live-state.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { StatusBadge, statusWords } from '../ui/status-badge.tsx';
import { FactsPanel, InputPanel } from './facts-panel.tsx';
import { JobActions } from './job-actions.tsx';
import { LogPanel } from './log-panel.tsx';
import { OutputPanel } from './output-panel.tsx';
import { TimelinePanel } from './timeline-panel.tsx';
import { awayEverySeconds, type FollowedJob, useJob } from './use-job.ts';
import { WebhooksPanel } from './webhooks-panel.tsx';

const liveState = ({ stream }: FollowedJob): 'live' | 'connecting' | 'away' =>
  stream === 'live' || stream === 'connecting' ? stream : 'away';

const Progress = ({ job }: { job: Job }) => {
  if (job.status !== 'processing') return null;
  const value = job.progress?.value;
  return (
    <div class="big-progress">
      <ProgressBar value={value ?? 0} label="Progress" />
      <span class="numbers">{value === undefined ? 'no progress told yet' : percent(value)}</span>
    </div>
  );
};

const State = ({ followed, job }: { followed: FollowedJob; job: Job }) => (
  <section class="card state" aria-label="State">
    <div class="state-line">
      <StatusBadge status={job.status} />
      <p class="state-words">{outlook(job)}</p>
      {!isFinal(job.status) && <LiveState state={liveState(followed)} everySeconds={awayEverySeconds} />}
    </div>
    <Progress job={job} />
    {job.statusDetail !== undefined && <p class="hint">{job.statusDetail}</p>}
    {job.error && (
      <p class="hint">
        Error code <code>{job.error.code}</code>
        {job.error.retryable
          ? ', it may work when it is tried again'
          : ', trying again will not help by itself'}
      </p>
    )}
    <JobActions job={job} take={followed.take} reload={followed.reload} />
  </section>
);

/** Said once for each state that the job comes into while somebody is here. */
const useAnnouncedState = (job: Job | undefined): void => {
  const announce = useAnnounce();
  const before = useRef<Job['status'] | undefined>(undefined);
  const status = job?.status;
  useEffect(() => {
    if (status !== undefined && before.current !== undefined && before.current !== status) {
      announce(`The job is now: ${statusWords[status]}`);
    }
    before.current = status;
  }, [status, announce]);
};

const Panels = ({ followed, job }: { followed: FollowedJob; job: Job }) => (
  <div class="job-layout">
    <div class="job-main">
      <State followed={followed} job={job} />
      <OutputPanel job={job} streamed={followed.story.output} />
      <LogPanel log={followed.story.log} />
      <InputPanel job={job} />
    </div>
    <div class="job-side">
      <TimelinePanel job={job} story={followed.story} />
      <FactsPanel job={job} />
      {job.webhook && <WebhooksPanel id={job.id} />}
    </div>
  </div>
);

const Heading = ({ job }: { job: Job }) => (
  <>
    {job.task} <span class="page-sub">{inputSummary(job.input)}</span>
  </>
);

export const JobPage = ({ id }: { id: string }) => {
  const followed = useJob(id);
  const { job, error } = followed;
  useAnnouncedState(job);
  return (
    <Page
      title={job === undefined ? 'Job' : `${statusWords[job.status]}: ${job.task}`}
      heading={job && <Heading job={job} />}
      aside={
        <a class="back" href={jobsHref()}>
          <Icon name="back" /> All jobs
        </a>
      }
    >
      {error && <Fault error={error} retry={followed.reload} />}
      {job === undefined && !error && <Skeleton lines={8} label="The job is loading" />}
      {job && <Panels followed={followed} job={job} />}
    </Page>
  );
};
