/** Reads the events of jobs. */
import type { Redis } from 'ioredis';
import type { Keys } from '../redis/keys.ts';
import { storing } from '../redis/store-error.ts';
import { type JobEvent, parseJobEvent } from './job-event.ts';
import { isFinal } from './job-status.ts';

export interface JobEventLog {
  /** A job's events after the one of this id (exclusive), oldest first. */
  read(id: string, after: string, limit: number): Promise<JobEvent[]>;
  /** The newest; undefined when there is none. */
  last(id: string): Promise<JobEvent | undefined>;
  /** Whether the job has ended or is gone: as things stand, nothing more will happen to it. */
  hasEnded(id: string): Promise<boolean>;
}

export const createRedisJobEvents = ({ redis, keys }: { redis: Redis; keys: Keys }): JobEventLog => ({
  read: async (id, after, limit) => {
    const entries = await storing(redis.xrange(keys.events(id), `(${after}`, '+', 'COUNT', limit));
    return entries.map(parseJobEvent);
  },
  last: async (id) => {
    const [entry] = await storing(redis.xrevrange(keys.events(id), '+', '-', 'COUNT', 1));
    return entry === undefined ? undefined : parseJobEvent(entry);
  },
  // The one field: there may be thousands to ask about.
  hasEnded: async (id) => {
    const status = await storing(redis.hget(keys.job(id), 'status'));
    return status === null || isFinal(status);
  },
});
