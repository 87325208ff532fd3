/** The owner's side of the jobs in Redis: accept, look, cancel, retry, remove. */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Keys } from '../redis/keys.ts';
import { storing } from '../redis/store-error.ts';
import { jobRecordSchema, priorities, tombstoneSchema, type JobRecord } from './job-record.ts';
import type { RunScript, ScriptReply } from './job-scripts.ts';
import { jobStatuses, type JobStatus } from './job-status.ts';
import type { AcceptOutcome, Found, JobIntake, NewJob, RecallOutcome } from './job-store.ts';
import { parsePublication } from './publication.ts';
import type { StoreSettings } from './store-settings.ts';

export interface RedisJobStoreDeps {
  redis: Redis;
  keys: Keys;
  run: RunScript;
  settings: StoreSettings;
}

const parseStatus = (word: unknown): JobStatus => z.enum(jobStatuses).parse(word);

const unexpected = (reply: ScriptReply): never => {
  throw new Error(`unexpected answer of a script: ${reply[0]}`);
};

const parseRecord = (id: string, hash: Record<string, string>): JobRecord => ({
  ...jobRecordSchema.parse(hash),
  id,
});

const acceptArguments = (job: NewJob, settings: StoreSettings): (string | number)[] => [
  job.id,
  job.owner,
  job.pool,
  priorities.indexOf(job.priority),
  job.idempotency?.key ?? '',
  job.idempotency?.fingerprint ?? '',
  settings.idempotencyTtlMs,
  settings.firstLookMs,
  settings.maxPending,
  settings.maxPendingPerOwner,
  settings.maxBytes,
  JSON.stringify(job.input),
  job.queueTimeoutMs,
  ...Object.entries({
    task: job.task,
    priority: job.priority,
    labels: JSON.stringify(job.labels),
    maxAttempts: job.maxAttempts,
    runTimeoutMs: job.runTimeoutMs,
    ttlMs: job.ttlMs,
    ...(job.traceparent === undefined ? {} : { traceparent: job.traceparent }),
    ...(job.webhook === undefined ? {} : { webhook: JSON.stringify(job.webhook) }),
  }).flat(),
];

const toAcceptOutcome = (reply: ScriptReply): AcceptOutcome => {
  switch (reply[0]) {
    case 'OK':
      return { kind: 'accepted', createdAt: Number(reply[1]), position: Number(reply[2]) };
    case 'SAME':
      return { kind: 'same', id: String(reply[1]) };
    case 'CONFLICT':
      return { kind: 'conflict' };
    case 'FULL':
      return { kind: 'full' };
    case 'QUOTA':
      return { kind: 'quota' };
    default:
      return unexpected(reply);
  }
};

const toRecallOutcome = (reply: ScriptReply): RecallOutcome => {
  switch (reply[0]) {
    case 'SAME':
      return { kind: 'same', id: String(reply[1]) };
    case 'CONFLICT':
      return { kind: 'conflict' };
    case 'NONE':
      return { kind: 'none' };
    default:
      return unexpected(reply);
  }
};

const findJob = async ({ redis, keys }: RedisJobStoreDeps, id: string): Promise<Found> => {
  const [record, stone] = await storing(
    Promise.all([redis.hgetall(keys.job(id)), redis.hgetall(keys.tombstone(id))]),
  );
  if (record['status'] !== undefined) return { kind: 'job', job: parseRecord(id, record) };
  if (stone['status'] !== undefined)
    return { kind: 'tombstone', tombstone: { ...tombstoneSchema.parse(stone), id } };
  return { kind: 'none' };
};

const listJobs = async (
  { redis, keys }: RedisJobStoreDeps,
  query: { owner: string; before?: number; limit: number },
): Promise<{ jobs: JobRecord[]; next?: number }> => {
  const below = query.before === undefined ? '+inf' : `(${query.before}`;
  const page = await storing(
    redis.zrevrangebyscore(keys.ownerJobs(query.owner), below, '-inf', 'WITHSCORES', 'LIMIT', 0, query.limit),
  );
  const ids = page.filter((_, index) => index % 2 === 0);
  const records = await storing(Promise.all(ids.map(async (id) => redis.hgetall(keys.job(id)))));
  const jobs = records.flatMap((record, index) =>
    record['status'] === undefined ? [] : [parseRecord(ids[index] ?? '', record)],
  );
  const last = page.at(-1);
  return ids.length < query.limit || last === undefined ? { jobs } : { jobs, next: Number(last) };
};

export const createRedisJobIntake = (deps: RedisJobStoreDeps): JobIntake => {
  const { redis, keys, run, settings } = deps;
  return {
    accept: async (job) => toAcceptOutcome(await run('accept', acceptArguments(job, settings))),
    recall: async (owner, { key, fingerprint }) =>
      toRecallOutcome(await run('recall', [owner, key, fingerprint])),
    find: async (id) => findJob(deps, id),
    position: async (id, pool) => (await storing(redis.zrank(keys.waiting(pool), id))) ?? undefined,
    list: async (query) => listJobs(deps, query),
    cancel: async (id) => {
      const reply = await run('cancel', [id]);
      if (reply[0] === 'OK') return { kind: 'cancelled', was: parseStatus(reply[1]) };
      if (reply[0] === 'FINAL') return { kind: 'final', status: parseStatus(reply[1]) };
      return reply[0] === 'GONE' ? { kind: 'gone' } : unexpected(reply);
    },
    retry: async (id) => {
      const reply = await run('retry', [
        id,
        settings.firstLookMs,
        settings.maxPending,
        settings.maxPendingPerOwner,
      ]);
      switch (reply[0]) {
        case 'OK':
          return { kind: 'queued', publication: parsePublication(id, reply) };
        case 'WRONG':
          return { kind: 'wrong-state', status: parseStatus(reply[1]) };
        case 'FULL':
          return { kind: 'full' };
        case 'QUOTA':
          return { kind: 'quota' };
        case 'GONE':
          return { kind: 'gone' };
        default:
          return unexpected(reply);
      }
    },
    remove: async (id) => {
      const reply = await run('expire', [id, 'now', settings.tombstoneTtlMs]);
      if (reply[0] === 'OK') return { kind: 'removed' };
      if (reply[0] === 'WRONG') return { kind: 'wrong-state', status: parseStatus(reply[1]) };
      return reply[0] === 'GONE' ? { kind: 'gone' } : unexpected(reply);
    },
  };
};
