/** Wakes whoever waits for a job to end: Redis tells all api processes of each job that reached a final state. */
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import { connectRedis } from '@factorial/core/redis/redis-client';
import { toError } from '@factorial/core/errors/to-error';
import type { Redis } from 'ioredis';

export interface FinishedNotifierDeps {
  /** A connection of its own: one that listens can do nothing else. */
  redis: Redis;
  channel: string;
  logger: Logger;
}

export type WakeReason = 'look-again' | 'released';

export interface FinishedNotifier extends Service {
  /** Begins to listen for one job at once. `woken` says that it may have ended, or that nobody should wait any more. */
  listen(id: string): { woken: Promise<WakeReason>; stop: () => void };
  /** Wakes everybody, now and from now on: the process stops. */
  release(): void;
  waiting(): number;
}

type Wake = (reason: WakeReason) => void;

const createWaiters = () => {
  const waiters = new Map<string, Set<Wake>>();
  const remove = (id: string, wake: Wake): void => {
    const ofJob = waiters.get(id);
    ofJob?.delete(wake);
    if (ofJob?.size === 0) waiters.delete(id);
  };
  return {
    add: (id: string, wake: Wake): (() => void) => {
      const ofJob = waiters.get(id) ?? new Set();
      waiters.set(id, ofJob.add(wake));
      return () => remove(id, wake);
    },
    wake: (id: string): void => waiters.get(id)?.forEach((wake) => wake('look-again')),
    wakeAll: (reason: WakeReason): void => waiters.forEach((ofJob) => ofJob.forEach((wake) => wake(reason))),
    jobs: (): number => waiters.size,
  };
};

export const createFinishedNotifier = ({
  redis,
  channel,
  logger,
}: FinishedNotifierDeps): FinishedNotifier => {
  const waiters = createWaiters();
  let released = false;

  // Messages of the time without a connection are lost: after each (re)connect everybody looks for himself.
  const subscribe = async (): Promise<void> => {
    try {
      await redis.subscribe(channel);
      waiters.wakeAll('look-again');
    } catch (error) {
      logger.warn({ err: toError(error) }, 'not subscribed to finished jobs');
      redis.disconnect(true);
    }
  };
  const release = (): void => {
    released = true;
    waiters.wakeAll('released');
  };
  redis.on('ready', () => void subscribe());
  redis.on('message', (_channel: string, id: string) => waiters.wake(id));

  return {
    name: 'finished-notifier',
    start: async () => {
      await connectRedis(redis).catch(() => undefined);
    },
    stop: async () => {
      release();
      redis.disconnect();
      await Promise.resolve();
    },
    listen: (id) => {
      const { promise, resolve } = Promise.withResolvers<WakeReason>();
      if (released) resolve('released');
      return { woken: promise, stop: waiters.add(id, resolve) };
    },
    release,
    waiting: waiters.jobs,
  };
};
