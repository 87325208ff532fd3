/**
 * Tells whoever follows a job what happens to it, through any replica of the api: Redis says that there is more, and the
 * events are read from there. Nobody's events are held in memory: who is slow is behind in Redis.
 */
import { toError } from '@factorial/core/errors/to-error';
import { beforeAll, isAfter, isFinalEvent, type JobEvent } from '@factorial/core/jobs/job-event';
import type { JobEventLog } from '@factorial/core/jobs/redis-job-events';
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import type { JobNews } from './job-news.ts';

/** `final`: its last event was told. `over`: it has ended, and no event says so (its data are gone). `released`: this process stops. */
export type FollowingEnd = 'final' | 'over' | 'released' | 'stopped';

export interface Following {
  /** Takes more after `full`. */
  resume: () => void;
  stop: () => void;
  ended: Promise<FollowingEnd>;
}

export interface FollowOptions {
  id: string;
  /** Id of the last event that is known already. */
  after?: string | undefined;
  /** Told of events in their order, of none twice. After `full` it is told nothing until `resume`. */
  deliver: (events: readonly JobEvent[]) => 'more' | 'full';
}

export interface JobEvents extends Service {
  follow(options: FollowOptions): Following;
  /** Ends everybody's following, now and from now on: the process stops. */
  release(): void;
  following(): number;
}

export interface JobEventsDeps {
  log: Pick<JobEventLog, 'read'>;
  news: JobNews;
  /** Whether the job has ended or is gone. */
  isOver: (id: string) => Promise<boolean>;
  logger: Logger;
  /** Every job that is followed is looked at this often, news or none. */
  lookEveryMs?: number;
}

interface Follower {
  cursor: string;
  deliver: FollowOptions['deliver'];
  isFull: boolean;
  end: (how: FollowingEnd) => void;
}

interface FollowedJob {
  id: string;
  followers: Set<Follower>;
  /** Redis tells us of this job's news from then on. */
  listening: Promise<void>;
  isReading: boolean;
  /** Something may have happened since the reading began. */
  isStale: boolean;
}

const pageSize = 64;
const retryMs = 1_000;

const earliest = (followers: readonly Follower[]): string =>
  followers.map(({ cursor }) => cursor).reduce((first, other) => (isAfter(first, other) ? other : first));

/** Hands a page to one of those who follow; who knows a part of it gets the rest. */
const hand = (follower: Follower, page: readonly JobEvent[]): void => {
  const fresh = page.filter(({ id }) => isAfter(id, follower.cursor));
  const last = fresh.at(-1);
  if (!last) return;
  follower.cursor = last.id;
  if (follower.deliver(fresh) === 'full') follower.isFull = true;
};

/** @returns whether there may be more. */
const readPage = async (log: JobEventsDeps['log'], job: FollowedJob): Promise<boolean> => {
  const open = [...job.followers].filter(({ isFull }) => !isFull);
  if (open.length === 0) return false;
  const page = await log.read(job.id, earliest(open), pageSize);
  for (const follower of open) if (job.followers.has(follower)) hand(follower, page);
  if (page.length === pageSize) return true;
  const last = page.at(-1);
  if (last && isFinalEvent(last)) {
    for (const follower of open) if (follower.cursor === last.id) follower.end('final');
  }
  return false;
};

export const createJobEvents = (deps: JobEventsDeps): JobEvents => {
  const { log, news, logger } = deps;
  const jobs = new Map<string, FollowedJob>();
  let isReleased = false;
  let timer: NodeJS.Timeout | undefined;

  const read = async (job: FollowedJob): Promise<void> => {
    // Listening comes first: what happens between the two is news then.
    await job.listening;
    while (job.isStale && job.followers.size > 0) {
      job.isStale = false;
      if (await readPage(log, job)) job.isStale = true;
    }
  };

  const look = async (job: FollowedJob): Promise<void> => {
    job.isStale = true;
    if (job.isReading) return;
    job.isReading = true;
    try {
      await read(job);
    } catch (error) {
      logger.warn({ err: toError(error), jobId: job.id }, 'events could not be read, trying again');
      setTimeout(() => void look(job), retryMs).unref();
    } finally {
      job.isReading = false;
    }
    // Who came between the last page and this line has found us reading still.
    if (job.isStale && job.followers.size > 0) void look(job);
  };

  /** A job whose end no event tells of: it ended under an api that wrote none, or is gone. */
  const lookForEnd = async (job: FollowedJob): Promise<void> => {
    try {
      const isOver = await deps.isOver(job.id);
      await look(job);
      if (!isOver || job.isReading) return;
      for (const follower of job.followers) if (!follower.isFull) follower.end('over');
    } catch (error) {
      logger.debug({ err: toError(error), jobId: job.id }, 'job could not be looked at');
    }
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
    const follower: Follower = { cursor: after, deliver, isFull: false, end };
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
  const lookAtAll = (): void => {
    for (const job of jobs.values()) void look(job);
  };

  return {
    name: 'job-events',
    start: async () => {
      news.onNews((id) => {
        const job = jobs.get(id);
        if (job) void look(job);
      });
      news.onGap(lookAtAll);
      timer = setInterval(() => {
        for (const job of jobs.values()) void lookForEnd(job);
      }, deps.lookEveryMs ?? 15_000);
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
