/** One's own jobs, the newest first, page by page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Job, Task } from '../api/schemas.ts';
import { type JobFilter, jobsHref } from '../routing/route.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Empty } from '../ui/empty.tsx';
import { Fault } from '../ui/fault.tsx';
import { LiveState } from '../ui/live-state.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useNow } from '../ui/use-now.ts';
import { endedSince } from './ended-since.ts';
import { JobFilters } from './job-filters.tsx';
import { JobRow } from './job-row.tsx';
import { awayEverySeconds, type JobList as List, useJobList } from './use-job-list.ts';

const NoJobs = ({ filter }: { filter: JobFilter }) =>
  filter.status === '' && filter.task === '' ? (
    <Empty icon="list" title="No jobs yet">
      <p>
        Submit one with the form. Jobs that this token's owner submits by other ways show up here as well.
      </p>
    </Empty>
  ) : (
    <Empty icon="search" title="None of your jobs is like that">
      <p>
        <a href={jobsHref()}>Show all of them</a>
      </p>
    </Empty>
  );

const Rows = ({ list, filter }: { list: List; filter: JobFilter }) => {
  const now = useNow(5_000);
  const { jobs } = list;
  if (jobs === undefined) return list.error ? null : <Skeleton lines={6} label="Jobs are loading" />;
  if (jobs.length === 0) return <NoJobs filter={filter} />;
  return (
    <ul class="rows" aria-label="Your jobs, the newest first">
      {jobs.map((job) => (
        <JobRow key={job.id} job={job} now={now} />
      ))}
    </ul>
  );
};

/** Says what has ended; what is merely further on would never let a screen reader rest. */
const useAnnouncedEnds = (jobs: List['jobs']): void => {
  const announce = useAnnounce();
  const before = useRef<ReadonlyMap<string, Job['status']>>(new Map());
  useEffect(() => {
    const words = endedSince(before.current, jobs ?? []);
    before.current = new Map(jobs?.map(({ id, status }) => [id, status]));
    if (words !== undefined) announce(words);
  }, [jobs, announce]);
};

/** The tokens of the pages that one went through, to go back. */
const usePages = (filter: JobFilter) => {
  const [tokens, setTokens] = useState<readonly string[]>([]);
  const { status, task } = filter;
  useEffect(() => setTokens([]), [status, task]);
  return {
    current: tokens.at(-1),
    number: tokens.length + 1,
    older: (token: string): void => setTokens([...tokens, token]),
    newer: (): void => setTokens(tokens.slice(0, -1)),
  };
};

const Pager = ({ list, pages }: { list: List; pages: ReturnType<typeof usePages> }) => {
  const { nextPageToken } = list;
  if (nextPageToken === undefined && pages.number === 1) return null;
  return (
    <nav class="pager" aria-label="Pages of jobs">
      <button type="button" class="button" disabled={pages.number === 1} onClick={pages.newer}>
        Newer
      </button>
      <span class="numbers">Page {pages.number}</span>
      <button
        type="button"
        class="button"
        disabled={nextPageToken === undefined}
        onClick={() => nextPageToken !== undefined && pages.older(nextPageToken)}
      >
        Older
      </button>
    </nav>
  );
};

export interface JobListProps {
  filter: JobFilter;
  tasks: readonly Task[];
  /** Id of the job that was submitted last here: the list is out of date when it changes. */
  newest: string | undefined;
}

export const JobList = ({ filter, tasks, newest }: JobListProps) => {
  const pages = usePages(filter);
  const list = useJobList(filter, pages.current);
  const { reload } = list;
  useAnnouncedEnds(list.jobs);
  useEffect(() => {
    if (newest !== undefined) reload();
  }, [newest, reload]);
  return (
    <section class="job-list" aria-labelledby="your-jobs">
      <div class="list-head">
        <h2 id="your-jobs">Your jobs</h2>
        <LiveState state={list.connection} everySeconds={awayEverySeconds} />
        <JobFilters filter={filter} tasks={tasks} />
      </div>
      {list.error && <Fault error={list.error} retry={reload} />}
      <Rows list={list} filter={filter} />
      <Pager list={list} pages={pages} />
    </section>
  );
};
