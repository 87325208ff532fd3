/** What followers of jobs were told, held against what the store has. */
import { createRedisJobEvents } from '@factorial/core/jobs/redis-job-events';
import { timeOf } from '@factorial/core/jobs/job-event';
import { createKeys } from '@factorial/core/redis/keys';
import { Redis } from 'ioredis';

export interface Told {
  /** Within its job: without what is added for clients. */
  id: string;
  event: string;
  /** ms since the epoch, by a clock of this machine. */
  receivedAtMs: number;
}

/** One follower's, job by job. */
export type ToldJobs = Map<string, Told[]>;

const finalEvents = new Set(['done', 'failed', 'cancelled']);

export const isTold = (told: ToldJobs, job: string): boolean =>
  finalEvents.has(told.get(job)?.at(-1)?.event ?? '');

/** @param eventId as clients get it. */
export const note = (
  told: ToldJobs,
  job: string,
  { eventId, event }: { eventId: string; event: string },
): void => {
  const ofJob = told.get(job) ?? [];
  told.set(job, ofJob);
  ofJob.push({ id: eventId.split('.', 1)[0] ?? '', event, receivedAtMs: Date.now() });
};

/** What a job's events are, from the store itself. */
const recorded = async (redisUrl: string, jobs: readonly string[]): Promise<Map<string, string[]>> => {
  const redis = new Redis(redisUrl);
  const log = createRedisJobEvents({ redis, keys: createKeys('factorial') });
  const all = new Map<string, string[]>();
  for (const job of jobs)
    all.set(
      job,
      (await log.read(job, '0-0', 2_000)).map(({ id, type }) => `${id} ${type}`),
    );
  redis.disconnect();
  return all;
};

/** @returns a line for each job of each follower that was told anything but every event once, in order. */
export const faultsOf = async (redisUrl: string, followers: readonly ToldJobs[]): Promise<string[]> => {
  const jobs = new Set(followers.flatMap((told) => [...told.keys()]));
  const truth = await recorded(redisUrl, [...jobs]);
  return followers.flatMap((told, follower) =>
    [...told].flatMap(([job, events]) => {
      const [is, should] = [events.map(({ id, event }) => `${id} ${event}`), truth.get(job) ?? []];
      return is.join() === should.join()
        ? []
        : [`follower ${follower}, ${job}: ${is.join()} for ${should.join()}`];
    }),
  );
};

/** From the moment that Redis wrote an event to its arrival, ms. @param sinceMs earlier ones were history. */
export const latenciesOf = (followers: readonly ToldJobs[], sinceMs: number): number[] =>
  followers.flatMap((told) =>
    [...told.values()]
      .flat()
      .flatMap(({ id, receivedAtMs }) => (timeOf(id) < sinceMs ? [] : [receivedAtMs - timeOf(id)])),
  );
