/**
 * Takes dead letters out of the broker, where they cannot be looked at without being delivered, into Redis, where they can.
 * Nothing is lost on the way: a letter leaves the broker when Redis has it, and one that finds no room there stays.
 */
import { type DeadLetters, mostDeadLetters } from '@factorial/core/jobs/redis-dead-letters';
import type { DeadLetterQueue } from '@factorial/core/queue/dead-letter-queue';
import type { Clock } from '@factorial/core/time/clock';

export interface CollectDeps {
  letters: Pick<DeadLetters, 'count' | 'keep'>;
  queue: Pick<DeadLetterQueue, 'take' | 'waiting'>;
  clock: Clock;
}

const batchSize = 50;

const collectPool = async ({ letters, queue, clock }: CollectDeps, pool: string): Promise<void> => {
  for (;;) {
    const most = Math.min(batchSize, mostDeadLetters - (await letters.count()));
    if (most <= 0 || (await queue.waiting(pool)) === 0) return;
    // What cannot be kept is not taken either: it would go back one delivery nearer to the broker's limit.
    await letters.keep(pool, [], clock.now());
    const taken = await queue.take(pool, most, async (found) => letters.keep(pool, found, clock.now()));
    // Fewer than there was room for: no more are there, or the broker is slow. None: there was no room after all.
    if (taken === 0) return;
  }
};

/** @throws AppError 503 when the broker or Redis does not answer. */
export const collectDeadLetters = async (deps: CollectDeps, pools: readonly string[]): Promise<void> => {
  for (const pool of pools) await collectPool(deps, pool);
};

/** Those in Redis and those in the broker. */
export const countDeadLetters = async (
  letters: Pick<DeadLetters, 'places'>,
  queue: Pick<DeadLetterQueue, 'waiting'>,
  pool: string,
): Promise<number> => {
  const [places, waiting] = await Promise.all([letters.places(), queue.waiting(pool)]);
  return places.filter((place) => place.pool === pool).length + waiting;
};
