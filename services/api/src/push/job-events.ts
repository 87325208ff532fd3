/**
 * Tells whoever follows a job what happens to it, through any replica of the api: Redis says that there is more, and the
 * events are read from there. Nobody's events are held in memory: who is slow is behind in Redis.
 */
import { beforeAll } from '@factorial/core/jobs/job-event';
import type { Service } from '@factorial/core/lifecycle/service';
import type { FollowedJob, Follower, FollowingEnd } from './followed-job.ts';
import { inParallel } from './in-parallel.ts';
import type { JobNews } from './job-news.ts';
import { createJobReader, type JobReaderDeps } from './job-reader.ts';

export interface Following {
  /** Takes more after `full`. */
  resume: () => void;
  stop: () => void;
  ended: Promise<FollowingEnd>;
}

export interface FollowOptions extends Pick<Follower, 'deliver'> {
  id: string;
  /** Id of the last event that is known already. */
  after?: string | undefined;
}

export interface JobEvents extends Service {
  follow(options: FollowOptions): Following;
  /** Ends everybody's following, now and from now on: the process stops. */
  release(): void;
  following(): number;
}

export interface JobEventsDeps extends JobReaderDeps {
  news: JobNews;
  /** Every job that is followed is looked at this often, news or none. */
  lookEveryMs?: number;
}

/** Of the looks that no news asks for. */
const looksAtATime = 32;

export const createJobEvents = (deps: JobEventsDeps): JobEvents => {
  const { news } = deps;
  const { look, lookForEnd } = createJobReader(deps);
  const jobs = new Map<string, FollowedJob>();
  let isReleased = false;
  let isWatching = false;
  let timer: NodeJS.Timeout | undefined;

  const watch = async (): Promise<void> => {
    if (isWatching) return;
    isWatching = true;
    await inParallel([...jobs.values()], looksAtATime, lookForEnd);
    isWatching = false;
  };

  const open = (id: string): FollowedJob => {
    const job = {
      id,
      followers: new Set<Follower>(),
      listening: news.listen(id),
      isReading: false,
      isStale: false,
    };
    jobs.set(id, job);
    return job;
  };

  const leave = (job: FollowedJob, follower: Follower): void => {
    if (!job.followers.delete(follower) || job.followers.size > 0) return;
    clearTimeout(job.retry);
    jobs.delete(job.id);
    news.leave(job.id);
  };

  const follow = ({ id, after = beforeAll, deliver }: FollowOptions): Following => {
    const ending = Promise.withResolvers<FollowingEnd>();
    const job = jobs.get(id) ?? open(id);
    const end = (how: FollowingEnd): void => {
      leave(job, follower);
      ending.resolve(how);
    };
    const follower: Follower = { cursor: after, deliver, isAtEnd: false, isFull: false, end };
    job.followers.add(follower);
    if (isReleased) end('released');
    else void look(job);
    return {
      resume: () => {
        follower.isFull = false;
        void look(job);
      },
      stop: () => end('stopped'),
      ended: ending.promise,
    };
  };

  const all = (): Follower[] => [...jobs.values()].flatMap(({ followers }) => [...followers]);
  const release = (): void => {
    isReleased = true;
    for (const { end } of all()) end('released');
  };

  return {
    name: 'job-events',
    start: async () => {
      news.onNews((id) => {
        const job = jobs.get(id);
        if (job) void look(job);
      });
      news.onGap(() => {
        for (const job of jobs.values()) void look(job);
      });
      timer = setInterval(() => void watch(), deps.lookEveryMs ?? 15_000);
      await news.start();
    },
    stop: async () => {
      clearInterval(timer);
      release();
      await news.stop();
    },
    follow,
    release,
    following: () => all().length,
  };
};
