/** Joins what RabbitMQ and Redis say about the work at hand into two numbers. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import type { QueueCounts } from './queue-reading.ts';

export interface Load {
  /** Jobs nobody works on. */
  ready: number;
  /** Jobs being worked on. */
  inflight: number;
}

export interface LoadSources {
  queue: QueueCounts;
  pool: PoolReport | undefined;
  /** Jobs all workers together can run at a time. */
  slots: number;
}

/** The heartbeats' count may know of a run the record does not show, and the other way round: nobody may be overlooked. */
const busyIn = (pool: PoolReport): number =>
  Math.max(
    pool.processing,
    pool.workers.reduce((sum, worker) => sum + worker.busy, 0),
  );

/**
 * A worker of short jobs holds more messages than it works on, so unacknowledged messages are not all in flight:
 * where the api does not tell, at most all slots are; the rest of them waits.
 */
export const combineLoad = ({ queue, pool, slots }: LoadSources): Load => {
  const inflight = pool ? busyIn(pool) : Math.min(queue.unacknowledged, slots);
  const byQueue = queue.ready + Math.max(0, queue.unacknowledged - inflight);
  return { inflight, ready: pool ? Math.max(byQueue, pool.waiting) : byQueue };
};
