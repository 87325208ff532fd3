/** Who works: heartbeats of a pool's workers, and who of them was asked to drain. */
import type { Redis } from 'ioredis';
import { heartbeatRequestSchema, type Heartbeat } from '../internal/protocol.ts';
import type { Keys } from '../redis/keys.ts';
import { storing } from '../redis/store-error.ts';
import type { Clock } from '../time/clock.ts';

/** A worker that was silent this long is no longer counted. */
export const workerTtlMs = 10_000;

export interface RegisteredWorker extends Heartbeat {
  id: string;
}

export interface WorkerRegistry {
  /** Remembers a heartbeat. @returns whether the worker should drain. */
  heartbeat(worker: string, heartbeat: Heartbeat): Promise<boolean>;
  /** The pool's workers that have beaten within the last 10 s. */
  list(pool: string): Promise<RegisteredWorker[]>;
  /** Asks workers to drain for `ttlMs`; an empty list changes nothing. */
  drain(pool: string, workers: readonly string[], ttlMs: number): Promise<void>;
  /** Takes the request to drain back; an empty list changes nothing. */
  undrain(pool: string, workers: readonly string[]): Promise<void>;
  /** Forgets a worker that has said goodbye. */
  remove(pool: string, worker: string): Promise<void>;
}

export interface WorkerRegistryDeps {
  redis: Redis;
  keys: Keys;
  clock: Clock;
}

const listWorkers = async (
  { redis, keys, clock }: WorkerRegistryDeps,
  pool: string,
): Promise<RegisteredWorker[]> => {
  const ids = await storing(redis.zrangebyscore(keys.workersOf(pool), clock.now() - workerTtlMs, '+inf'));
  if (ids.length === 0) return [];
  const texts = await storing(redis.mget(ids.map((id) => keys.worker(id))));
  return texts.flatMap((text, index) => {
    const id = ids[index];
    return text === null || id === undefined
      ? []
      : [{ ...heartbeatRequestSchema.parse(JSON.parse(text)), id }];
  });
};

export const createWorkerRegistry = (deps: WorkerRegistryDeps): WorkerRegistry => {
  const { redis, keys, clock } = deps;
  return {
    heartbeat: async (worker, heartbeat) => {
      const { pool } = heartbeat;
      const now = clock.now();
      const [drainUntil] = await storing(
        Promise.all([
          redis.zscore(keys.draining(pool), worker),
          redis.set(keys.worker(worker), JSON.stringify(heartbeat), 'PX', workerTtlMs),
          redis.zadd(keys.workersOf(pool), now, worker),
          redis.zremrangebyscore(keys.workersOf(pool), '-inf', now - workerTtlMs),
          redis.sadd(keys.pools, pool),
        ]),
      );
      return drainUntil !== null && Number(drainUntil) > now;
    },
    list: async (pool) => listWorkers(deps, pool),
    drain: async (pool, workers, ttlMs) => {
      if (workers.length === 0) return;
      const until = clock.now() + ttlMs;
      await storing(
        Promise.all([
          redis.zremrangebyscore(keys.draining(pool), '-inf', clock.now()),
          redis.zadd(keys.draining(pool), ...workers.flatMap((worker) => [until, worker])),
        ]),
      );
    },
    undrain: async (pool, workers) => {
      if (workers.length > 0) await storing(redis.zrem(keys.draining(pool), ...workers));
    },
    remove: async (pool, worker) => {
      await storing(
        Promise.all([
          redis.del(keys.worker(worker)),
          redis.zrem(keys.workersOf(pool), worker),
          redis.zrem(keys.draining(pool), worker),
        ]),
      );
    },
  };
};
