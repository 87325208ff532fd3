/** The jobs that one WebSocket follows. */
import type { VerifiedToken } from '@factorial/core/auth/verify-token';
import { AppError } from '@factorial/core/errors/app-error';
import { beforeAll } from '@factorial/core/jobs/job-event';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import type { Logger } from '@factorial/core/ops/logger';
import { toAppError } from '../../http/problem.ts';
import type { FindJob } from '../../jobs/find-job.ts';
import { parseEventId } from '../event-view.ts';
import { inParallel } from '../in-parallel.ts';
import type { Places } from '../places.ts';
import type { Wanted } from './client-frames.ts';
import { createJobFeed, type JobFeed, type JobFeedDeps } from './job-feed.ts';
import { errorFrame, subscribedFrame, unsubscribedFrame } from './server-frames.ts';

export interface SubscriptionsDeps extends Pick<JobFeedDeps, 'events' | 'log' | 'outbox'> {
  find: FindJob;
  /** Whose socket it is. */
  caller: VerifiedToken;
  logger: Logger;
  maxSubscriptions: number;
  /** Of the jobs that are followed on all sockets. */
  followed: Places;
}

export interface Subscriptions {
  /**
   * Resolves when all that has happened to these jobs was told; who is followed already stays so.
   * @throws AppError `too-many-subscriptions`, `too-many-streams`: none was added.
   */
  subscribe: (wanted: readonly Wanted[]) => Promise<void>;
  unsubscribe: (ids: readonly string[]) => void;
  /** There is room again. */
  resume: () => void;
  stop: () => void;
}

interface Subscription {
  id: string;
  isOver: boolean;
  feed?: JobFeed;
}

/** A job that may be followed, or why it may not. */
type Checked = { subscription: Subscription } & ({ job: JobRecord; after: string } | { error: unknown });

/** Jobs that are looked at, or told the past of, at a time. */
const maxAtOnce = 8;

const tooManyFollowed = (): AppError =>
  new AppError(
    'too-many-streams',
    'On this replica as many jobs are followed as may be, of yours or in all; none of these was added.',
    { retryAfterSeconds: 10 },
  );

const uniqueById = (wanted: readonly Wanted[]): Wanted[] => [
  ...new Map(wanted.map((one) => [one.id, one])).values(),
];

export const createSubscriptions = (deps: SubscriptionsDeps): Subscriptions => {
  const { find, caller, outbox, logger, maxSubscriptions, followed } = deps;
  const all = new Map<string, Subscription>();

  const remove = (subscription: Subscription): void => {
    if (subscription.isOver) return;
    subscription.isOver = true;
    all.delete(subscription.id);
    followed.give(caller.subject, 1);
    subscription.feed?.stop();
  };

  const fail = (subscription: Subscription, thrown: unknown): void => {
    if (subscription.isOver) return;
    const error = toAppError(thrown);
    if (error.code === 'internal-error') {
      logger.error({ err: error.options.cause, jobId: subscription.id }, 'job could not be followed');
    }
    outbox.send(errorFrame(error, subscription.id));
    remove(subscription);
  };

  /** Takes a place before anything is asked for. */
  const reserve = (wanted: readonly Wanted[]): [Subscription, Wanted][] => {
    const fresh = uniqueById(wanted).filter(({ id }) => !all.has(id));
    if (all.size + fresh.length > maxSubscriptions) {
      throw new AppError(
        'too-many-subscriptions',
        `A connection follows ${maxSubscriptions} jobs at the most; none of these was added.`,
      );
    }
    if (followed.take(caller.subject, fresh.length) !== undefined) throw tooManyFollowed();
    return fresh.map((one) => {
      const subscription = { id: one.id, isOver: false };
      all.set(one.id, subscription);
      return [subscription, one];
    });
  };

  const check = async ([subscription, { id, after }]: [Subscription, Wanted]): Promise<Checked> => {
    try {
      // The inputs of a thousand jobs are not held here until their turn comes.
      const job = { ...(await find(caller, id)), input: undefined };
      return { subscription, job, after: after === undefined ? beforeAll : parseEventId(id, after) };
    } catch (error) {
      return { subscription, error };
    }
  };

  const begin = async (subscription: Subscription, job: JobRecord, after: string): Promise<void> => {
    if (subscription.isOver) return;
    const { id } = subscription;
    subscription.feed = createJobFeed(
      {
        ...deps,
        look: async () => find(caller, id),
        onEnd: (error) => (error === undefined ? remove(subscription) : fail(subscription, error)),
      },
      { id, after },
    );
    await subscription.feed.begin(job);
  };

  return {
    subscribe: async (wanted) => {
      const checked = await inParallel(reserve(wanted), maxAtOnce, check);
      const [good, bad] = [checked.filter((one) => 'job' in one), checked.filter((one) => 'error' in one)];
      const refused = new Set(bad.map(({ subscription }) => subscription.id));
      outbox.send(subscribedFrame(uniqueById(wanted).flatMap(({ id }) => (refused.has(id) ? [] : [id]))));
      for (const { subscription, error } of bad) fail(subscription, error);
      await inParallel(good, maxAtOnce, async ({ subscription, job, after }) =>
        begin(subscription, job, after),
      );
    },
    unsubscribe: (ids) => {
      for (const id of ids) {
        const subscription = all.get(id);
        if (subscription) remove(subscription);
      }
      outbox.send(unsubscribedFrame(ids));
    },
    resume: () => {
      for (const { feed } of all.values()) feed?.resume();
    },
    stop: () => {
      for (const subscription of all.values()) remove(subscription);
    },
  };
};
