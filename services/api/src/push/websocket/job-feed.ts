/** One job's events on one WebSocket: what has happened is told first, page by page, and then what happens. */
import { isFinalEvent, type JobEvent } from '@factorial/core/jobs/job-event';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import { isFinal } from '@factorial/core/jobs/job-status';
import type { JobEventLog } from '@factorial/core/jobs/redis-job-events';
import { endOf, type EventView, toEventView } from '../event-view.ts';
import type { Following, FollowingEnd, JobEvents } from '../job-events.ts';
import { knowsAll, pages } from '../past-events.ts';
import type { Outbox } from './outbox.ts';
import { eventFrame } from './server-frames.ts';

export interface JobFeedDeps {
  events: Pick<JobEvents, 'follow'>;
  log: JobEventLog;
  outbox: Outbox;
  /** Looks at the job anew. @throws AppError when it is there no more. */
  look: () => Promise<JobRecord>;
  /** All is told: the job has ended, or its events cannot be had, which the error says. */
  onEnd: (error?: unknown) => void;
}

export interface JobFeed {
  /** Resolves when all that has happened was told. */
  begin: (job: JobRecord) => Promise<void>;
  /** There is room again. */
  resume: () => void;
  stop: () => void;
}

/** @param from where it begins: `after` is the event that is known already. */
export const createJobFeed = (deps: JobFeedDeps, from: { id: string; after: string }): JobFeed => {
  const { events, log, outbox, look, onEnd } = deps;
  const { id } = from;
  let { after } = from;
  let isStopped = false;
  let isFull = false;
  let following: Following | undefined;

  const tell = (told: readonly EventView[]): void => {
    for (const event of told) outbox.send(eventFrame(id, event));
  };

  /** @returns whether they end with the job's last one. */
  const tellRecorded = (recorded: readonly JobEvent[]): boolean => {
    tell(recorded.map((event) => toEventView(id, event)));
    const last = recorded.at(-1);
    if (last) after = last.id;
    return last !== undefined && isFinalEvent(last);
  };

  /** @returns whether the job has ended, so that there is no more. */
  const tellPast = async (job: JobRecord): Promise<boolean> => {
    const isOver = isFinal(job.status);
    if (isOver && (await knowsAll(log, job, after))) return true;
    let isTold = false;
    for await (const page of pages(log, id, after)) {
      if (isStopped) return true;
      isTold = tellRecorded(page);
      await outbox.room();
    }
    if (isOver && !isTold && !isStopped) tell([endOf(job)]);
    return isOver || isTold;
  };

  const deliver = (fresh: readonly JobEvent[]): 'more' | 'full' => {
    tellRecorded(fresh);
    isFull = outbox.isFull();
    return isFull ? 'full' : 'more';
  };

  const begin = async (job: JobRecord): Promise<void> => {
    try {
      if (await tellPast(job)) {
        onEnd();
      } else if (!isStopped) {
        following = events.follow({ id, after, deliver });
        void following.ended.then(end);
      }
    } catch (error) {
      onEnd(error);
    }
  };

  /** Where no event told of the end, the job itself does. */
  const end = async (how: FollowingEnd): Promise<void> => {
    if (how !== 'over' || isStopped) {
      onEnd();
      return;
    }
    try {
      await begin(await look());
    } catch (error) {
      onEnd(error);
    }
  };

  return {
    begin,
    resume: () => {
      if (!isFull) return;
      isFull = false;
      following?.resume();
    },
    stop: () => {
      isStopped = true;
      following?.stop();
    },
  };
};
