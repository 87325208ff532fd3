import { AppError } from '@factorial/core/errors/app-error';
import type { DeadLetters } from '@factorial/core/jobs/redis-dead-letters';
import type { DeadLetterQueue } from '@factorial/core/queue/dead-letter-queue';
import { readDeadLetter } from '@factorial/core/queue/dead-letter';
import { createFakeClock } from '@factorial/core/testing/fake-clock';
import { describe, expect, test } from 'vitest';
import { collectDeadLetters } from './collect.ts';

/** Redis and a broker with one letter, which count deliveries and what is kept. */
const createPlaces = (keep: () => Promise<'kept'>) => {
  const seen = { deliveries: 0, waiting: 1, kept: 0 };
  const letters: Pick<DeadLetters, 'count' | 'keep'> = {
    count: async () => Promise.resolve(seen.kept),
    keep: async (_pool, found) => {
      const answer = await keep();
      seen.kept += found.length;
      return answer;
    },
  };
  const queue: Pick<DeadLetterQueue, 'waiting' | 'take'> = {
    waiting: async () => Promise.resolve(seen.waiting),
    take: async (_pool, _most, keepThem) => {
      seen.deliveries += seen.waiting;
      await keepThem([readDeadLetter({ content: Buffer.from('x'), properties: {} })]);
      seen.waiting -= 1;
      return 1;
    },
  };
  return {
    seen,
    collect: async () => collectDeadLetters({ letters, queue, clock: createFakeClock() }, ['a']),
  };
};

describe('dead letters in the broker', () => {
  test('are not delivered, which the broker counts, when Redis could not keep them', async () => {
    const unconfirmed = new AppError('store-unavailable', 'no replica');
    const { seen, collect } = createPlaces(async () => Promise.reject(unconfirmed));
    for (let look = 0; look < 20; look += 1) await expect(collect()).rejects.toBe(unconfirmed);
    expect(seen).toEqual({ deliveries: 0, waiting: 1, kept: 0 });
  });

  test('are taken once when it can, and it is not asked when there are none', async () => {
    let asked = 0;
    const { seen, collect } = createPlaces(async () => {
      asked += 1;
      return Promise.resolve('kept');
    });
    await collect();
    await collect();
    expect(seen).toEqual({ deliveries: 1, waiting: 0, kept: 1 });
    expect(asked).toBe(2);
  });
});
