/** A job that somebody follows: its events are read once for all who do, and each is told what it does not know yet. */
import { isAfter, isFinalEvent, type JobEvent } from '@factorial/core/jobs/job-event';
import type { JobEventLog } from '@factorial/core/jobs/redis-job-events';

/** `final`: its last event was told. `over`: it has ended, and no event says so (its data are gone). `released`: this process stops. */
export type FollowingEnd = 'final' | 'over' | 'released' | 'stopped';

export interface Follower {
  /** The event it knows. */
  cursor: string;
  /** The last that it was told is a final one: the end, unless the job is wanted again. */
  isAtEnd: boolean;
  /** It takes no more for now. */
  isFull: boolean;
  /** Told of events in their order, of none twice. After `full` it is told nothing until it has room again. */
  deliver: (events: readonly JobEvent[]) => 'more' | 'full';
  end: (how: FollowingEnd) => void;
}

export interface FollowedJob {
  id: string;
  followers: Set<Follower>;
  /** Redis tells us of this job's news from then on. */
  listening: Promise<void>;
  isReading: boolean;
  /** Something may have happened since the reading began. */
  isStale: boolean;
  /** There while a reading has failed. */
  retry?: NodeJS.Timeout | undefined;
}

const pageSize = 64;

const earliest = (followers: readonly Follower[]): string =>
  followers.map(({ cursor }) => cursor).reduce((first, other) => (isAfter(first, other) ? other : first));

/** Hands a page to one of those who follow; who knows a part of it gets the rest. */
const hand = (follower: Follower, page: readonly JobEvent[]): void => {
  const fresh = page.filter(({ id }) => isAfter(id, follower.cursor));
  const last = fresh.at(-1);
  if (!last) return;
  follower.cursor = last.id;
  follower.isAtEnd = isFinalEvent(last);
  if (follower.deliver(fresh) === 'full') follower.isFull = true;
};

/** @returns whether there may be more. */
const readPage = async (log: Pick<JobEventLog, 'read'>, job: FollowedJob): Promise<boolean> => {
  const open = [...job.followers].filter(({ isFull }) => !isFull);
  if (open.length === 0) return false;
  const page = await log.read(job.id, earliest(open), pageSize);
  for (const follower of open) if (job.followers.has(follower)) hand(follower, page);
  if (page.length === pageSize) return true;
  for (const follower of open) if (follower.isAtEnd) follower.end('final');
  return false;
};

/** Tells all who have room what there is, page by page. */
export const readAll = async (log: Pick<JobEventLog, 'read'>, job: FollowedJob): Promise<void> => {
  // Listening comes first: what happens between the two is news then.
  await job.listening;
  while (job.isStale && job.followers.size > 0) {
    job.isStale = false;
    if (await readPage(log, job)) job.isStale = true;
  }
};
