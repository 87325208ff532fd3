/** A job store on a real Redis for one test file, with the means to look inside and to let time pass. */
import { randomUUID } from 'node:crypto';
import { createRedisDeadLetters } from '../jobs/redis-dead-letters.ts';
import { createRedisDueJobs } from '../jobs/redis-due-jobs.ts';
import { createRedisJobEvents } from '../jobs/redis-job-events.ts';
import { createRedisJobIntake } from '../jobs/redis-job-intake.ts';
import { createRedisJobLeases } from '../jobs/redis-job-leases.ts';
import { createRedisJobOutputs } from '../jobs/redis-job-outputs.ts';
import { createRedisJobRepair } from '../jobs/redis-job-repair.ts';
import { createRedisJobRetention } from '../jobs/redis-job-retention.ts';
import { createRedisWebhooks } from '../jobs/redis-webhooks.ts';
import { createScriptRunner } from '../jobs/job-scripts.ts';
import type { Attempt, NewJob, Said, StoredOutput } from '../jobs/job-store.ts';
import { defaultStoreSettings, type StoreSettings } from '../jobs/store-settings.ts';
import { createPoolPauses } from '../workers/pool-pauses.ts';
import type { TestRedis } from './test-redis.ts';

export const newJob = (changes: Partial<NewJob> = {}): NewJob => ({
  id: randomUUID(),
  task: 'factorial',
  pool: 'factorial',
  owner: 'ann',
  input: { n: 10 },
  priority: 'normal',
  labels: {},
  maxAttempts: 3,
  queueTimeoutMs: 60_000,
  runTimeoutMs: 60_000,
  ttlMs: 60_000,
  ...changes,
});

export const said = (value: number, message: string, texts: Partial<Said> = {}): Said => ({
  value,
  message,
  before: 0,
  log: '',
  output: '',
  ...texts,
});

export const textOutput = (text: string): StoredOutput => ({
  payload: Buffer.from(text),
  encoding: 'identity',
  mediaType: 'text/plain',
  bytes: Buffer.byteLength(text),
  hash: `hash of ${text}`,
});

/** @param scriptFolder where the scripts lie, if not in their place: to show what a broken one does. */
export const createTestJobStore = (
  { redis, keys }: Pick<TestRedis, 'redis' | 'keys'>,
  changes: Partial<StoreSettings> = {},
  scriptFolder = process.env['TEST_SCRIPT_DIR'],
) => {
  const settings = { ...defaultStoreSettings, ...changes };
  const deps = {
    redis,
    keys,
    settings,
    run: createScriptRunner(redis, keys, scriptFolder),
  };
  const intake = createRedisJobIntake(deps);
  const leases = createRedisJobLeases(deps);

  const field = async (id: string, name: string) => redis.hget(keys.job(id), name);
  /** A claim by a worker of the job's own pool. */
  const claim = async (given: { id: string; worker: string; nonce: string; redelivered: boolean }) =>
    leases.claim({ ...given, pool: (await field(given.id, 'pool')) ?? 'none' });
  const past = 1_000;

  return {
    intake,
    leases,
    settings,
    outputs: createRedisJobOutputs(deps),
    dueJobs: createRedisDueJobs(deps),
    events: createRedisJobEvents(deps),
    retention: createRedisJobRetention(deps),
    repair: createRedisJobRepair(deps),
    pauses: createPoolPauses(deps),
    deadLetters: createRedisDeadLetters(deps),
    webhooks: createRedisWebhooks(deps),
    field,
    claim,
    accepted: async (job: Partial<NewJob> = {}): Promise<string> => {
      const whole = newJob(job);
      const outcome = await intake.accept(whole);
      if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${outcome.kind}`);
      return whole.id;
    },
    /** Claims and insists on getting it. */
    claimed: async (id: string, worker = 'w1', nonce: string = randomUUID()): Promise<Attempt> => {
      const answer = await claim({ id, worker, nonce, redelivered: false });
      if (answer.kind !== 'ok') throw new Error(`not claimed: ${answer.kind}`);
      return { id: answer.id, attempt: answer.attempt, token: answer.token };
    },
    dueAt: async (id: string): Promise<number | undefined> => {
      const score = await redis.zscore(keys.due, id);
      return score === null ? undefined : Number(score);
    },
    /** The next look at this job is due. */
    makeDue: async (id: string) => redis.zadd(keys.due, past, id),
    /** The next attempt of this delivery is due, or its sender's lease is over. */
    makeWebhookDue: async (delivery: string) => redis.zadd(keys.webhooksDue, 'XX', past, delivery),
    /** The lease of this job has run out. */
    expireLease: async (id: string) =>
      Promise.all([redis.hset(keys.job(id), 'leaseUntil', past), redis.zadd(keys.due, past, id)]),
    /** Any time field of the record lies in the past. */
    passed: async (
      id: string,
      name: 'queueDeadline' | 'runDeadline' | 'notBefore' | 'expiresAt' | 'beatAt',
    ) => redis.hset(keys.job(id), name, past),
    finishedPast: async (id: string) =>
      Promise.all([redis.hset(keys.job(id), 'expiresAt', past), redis.zadd(keys.finished, past, id)]),
  };
};

export type TestJobStore = ReturnType<typeof createTestJobStore>;
