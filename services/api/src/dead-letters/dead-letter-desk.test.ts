import { AppError } from '@factorial/core/errors/app-error';
import { type DeadLetterQueue, type LetterToSend } from '@factorial/core/queue/dead-letter-queue';
import { readDeadLetter } from '@factorial/core/queue/dead-letter';
import { createFakeClock, type FakeClock } from '@factorial/core/testing/fake-clock';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { createTestJobStore, type TestJobStore } from '@factorial/core/testing/test-job-store';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDeadLetterDesk, type Redriven } from './dead-letter-desk.ts';

const pool = 'factorial';
const { logger } = createRecordedLogger();
let testRedis: TestRedis;
let store: TestJobStore;
let clock: FakeClock;
let sent: string[];
beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis);
});
afterAll(async () => testRedis.close());
beforeEach(async () => {
  clock = createFakeClock();
  sent = [];
  await store.deadLetters.drop(await ids());
});

const ids = async () => (await store.deadLetters.places()).map(({ id }) => id);
const keep = async (count: number): Promise<void> => {
  const letters = Array.from({ length: count }, (_, index) =>
    readDeadLetter({ content: Buffer.from(`letter ${index}`), properties: {} }),
  );
  await store.deadLetters.keep(pool, letters, clock.now());
};
const unavailable = async (): Promise<never> =>
  Promise.reject(new AppError('queue-unavailable', 'the broker did not confirm'));

/** A desk whose broker answers as it is told to, and holds no letters of its own. */
const createDesk = (answer: (nth: number, letter: LetterToSend) => Promise<void>, changes = {}) => {
  const queue: DeadLetterQueue = {
    take: async () => Promise.resolve(0),
    waiting: async () => Promise.resolve(0),
    purge: async () => Promise.resolve(0),
    redrive: async (_pool, letter) => {
      sent.push(letter.content.toString());
      return answer(sent.length, letter);
    },
    ...changes,
  };
  return createDeadLetterDesk({ letters: store.deadLetters, queue, clock, logger });
};
const whys = ({ left }: Redriven, why: string) => left.filter((one) => one.why === why).length;

describe('letters that are sent back', () => {
  test('are tried no more when the broker has confirmed none of ten, and all of them stay', async () => {
    await keep(25);
    const result = await createDesk(unavailable).redrive({ ids: await ids() });
    expect([result.redriven, whys(result, 'unconfirmed'), whys(result, 'untried')]).toEqual([0, 10, 15]);
    expect([sent.length, (await ids()).length]).toEqual([10, 25]);
    const again = await createDesk(async () => Promise.resolve()).redrive({ pools: [pool] });
    expect(again).toEqual({ redriven: 25, left: [], uncollected: 0 });
  });

  test('are all tried when the broker confirms some of them, or there was nothing to confirm', async () => {
    await keep(30);
    const missing = Array.from({ length: 10 }, (_, index) => `${pool}:none-${index}`);
    const desk = createDesk(async (nth) => (nth % 2 === 0 ? unavailable() : Promise.resolve()));
    const result = await desk.redrive({ ids: [...missing, ...(await ids())] });
    expect([result.redriven, whys(result, 'unconfirmed'), whys(result, 'missing')]).toEqual([15, 15, 10]);
  });

  test('are tried no more after 20 s, and the rest stays', async () => {
    await keep(50);
    const desk = createDesk(async (nth) => {
      if (nth % 10 === 0) clock.advance(7_000);
      return Promise.resolve();
    });
    const result = await desk.redrive({ pools: [pool] });
    expect([result.redriven, whys(result, 'untried'), (await ids()).length]).toEqual([30, 20, 20]);
  });

  test('are told of though the broker does not tell what else it holds', async () => {
    await keep(1);
    let asked = 0;
    const waiting = async () => ((asked += 1) > 1 ? unavailable() : Promise.resolve(0));
    const desk = createDesk(async () => Promise.resolve(), { waiting });
    expect(await desk.redrive({ pools: [pool] })).toEqual({ redriven: 1, left: [] });
  });
});
