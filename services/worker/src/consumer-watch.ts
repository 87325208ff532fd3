/** Notices a consumer that should consume and does not, while the broker is there: nothing but a restart is left to try. */
import type { JobConsumer } from '@factorial/core/queue/job-queue';

export interface ConsumerWatchDeps {
  consumer: Pick<JobConsumer, 'connected' | 'consuming'>;
  /** Whether it should consume; not while the worker drains. */
  isWanted: () => boolean;
  /** Milliseconds, monotonic. */
  nowMs: () => number;
}

export const stalledAfterMs = 30_000;

/** @returns whether all is well; to be asked every few seconds. A broker that is away is no fault of the worker. */
export const createConsumerWatch = ({ consumer, isWanted, nowMs }: ConsumerWatchDeps): (() => boolean) => {
  let stalledSinceMs: number | undefined;
  return () => {
    const isStalled = isWanted() && consumer.connected() && !consumer.consuming();
    stalledSinceMs = isStalled ? (stalledSinceMs ?? nowMs()) : undefined;
    return stalledSinceMs === undefined || nowMs() - stalledSinceMs < stalledAfterMs;
  };
};
