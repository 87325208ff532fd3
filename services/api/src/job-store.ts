/** The jobs in Redis, as the api uses them: one connection, one set of scripts, five faces. */
import { createScriptRunner, type RunScript } from '@factorial/core/jobs/job-scripts';
import type { DueJobs, JobIntake, JobLeases, JobOutputs } from '@factorial/core/jobs/job-store';
import { createRedisDeadLetters, type DeadLetters } from '@factorial/core/jobs/redis-dead-letters';
import { createRedisDueJobs } from '@factorial/core/jobs/redis-due-jobs';
import { createRedisJobEvents, type JobEventLog } from '@factorial/core/jobs/redis-job-events';
import { createRedisJobIntake } from '@factorial/core/jobs/redis-job-intake';
import { createRedisJobLeases } from '@factorial/core/jobs/redis-job-leases';
import { createRedisJobOutputs } from '@factorial/core/jobs/redis-job-outputs';
import { createRedisWebhooks } from '@factorial/core/jobs/redis-webhooks';
import { defaultStoreSettings, type StoreSettings } from '@factorial/core/jobs/store-settings';
import type { WebhookDeliveries } from '@factorial/core/jobs/webhook';
import type { Keys } from '@factorial/core/redis/keys';
import { createReplicatedRunner, type ReplicatedWrites } from '@factorial/core/redis/replicated-writes';
import { storing } from '@factorial/core/redis/store-error';
import { createTaskRegistry, type TaskRegistry } from '@factorial/core/tasks/task-registry';
import type { Clock } from '@factorial/core/time/clock';
import { createPoolHistory, type PoolHistory } from '@factorial/core/workers/pool-history';
import { createPoolPauses, type PoolPauses } from '@factorial/core/workers/pool-pauses';
import { createPoolStatistics, type PoolStatistics } from '@factorial/core/workers/pool-statistics';
import { createScalerStatements, type ScalerStatements } from '@factorial/core/workers/scaler-statements';
import { createWorkerRegistry, type WorkerRegistry } from '@factorial/core/workers/worker-registry';
import type { Redis } from 'ioredis';
import type { Config } from './config.ts';

export interface ApiStore {
  intake: JobIntake;
  leases: JobLeases;
  outputs: JobOutputs;
  dueJobs: DueJobs;
  eventLog: JobEventLog;
  tasks: TaskRegistry;
  workers: WorkerRegistry;
  scalers: ScalerStatements;
  pauses: PoolPauses;
  history: PoolHistory;
  letters: DeadLetters;
  webhooks: WebhookDeliveries;
  statistics: (pool: string) => Promise<PoolStatistics>;
  /** Unfinished jobs. */
  dueSize: () => Promise<number>;
  settings: StoreSettings;
}

export interface ApiStoreDeps {
  redis: Redis;
  keys: Keys;
  clock: Clock;
  config: Config;
  /** Where replicas have to confirm before an answer is given. */
  replicated?: ReplicatedWrites | undefined;
}

const createRunner = ({ redis, keys, replicated }: ApiStoreDeps): RunScript => {
  const run = createScriptRunner(redis, keys);
  return replicated
    ? createReplicatedRunner(run, createScriptRunner(replicated, keys), () => replicated.admits())
    : run;
};

export const createApiStore = (storeDeps: ApiStoreDeps): ApiStore => {
  const { redis, keys, clock, config } = storeDeps;
  const settings: StoreSettings = {
    ...defaultStoreSettings,
    maxPending: config.MAX_PENDING,
    maxPendingPerOwner: config.MAX_PENDING_PER_OWNER,
    maxBytes: config.MAX_BYTES,
  };
  const deps = { redis, keys, settings, run: createRunner(storeDeps) };
  return {
    intake: createRedisJobIntake(deps),
    leases: createRedisJobLeases(deps),
    outputs: createRedisJobOutputs(deps),
    dueJobs: createRedisDueJobs(deps),
    eventLog: createRedisJobEvents(deps),
    tasks: createTaskRegistry({ redis, keys, clock }),
    workers: createWorkerRegistry({ redis, keys, clock }),
    scalers: createScalerStatements(redis, keys),
    pauses: createPoolPauses(deps),
    history: createPoolHistory(redis, keys),
    letters: createRedisDeadLetters(deps),
    webhooks: createRedisWebhooks(deps),
    statistics: createPoolStatistics(redis, keys),
    dueSize: async () => storing(redis.zcard(keys.due)),
    settings,
  };
};
