import { createTestRabbit, type TestRabbit } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { replicaUser } from '../../dev/brokers/start-redis-set.ts';
import { createSystemClient } from '../client/system-client.ts';
import { measureFailover } from './measure-failover.ts';
import {
  freezePrimary,
  killPrimary,
  primaryOf,
  type RedisSystem,
  startRedisSystem,
  waitForPromotion,
} from './redis-system.ts';

let rabbit: TestRabbit;
let redisSystem: RedisSystem | undefined;
beforeAll(async () => {
  rabbit = await createTestRabbit();
});
afterEach(async () => redisSystem?.stop());
afterAll(async () => rabbit.close());

const start = async (waitReplicas: number): Promise<RedisSystem> => {
  redisSystem = await startRedisSystem({ waitReplicas, rabbitmq: rabbit });
  return redisSystem;
};

/** The replica gets nothing any more, and does not know it yet. */
const cutReplica = async ({ set }: RedisSystem) => {
  const primary = await primaryOf(set);
  await primary.shutOut(replicaUser);
  return primary;
};

describe('a failover of Redis', () => {
  test.each([
    ['killed', killPrimary],
    ['frozen', freezePrimary],
  ])(
    'loses no accepted job when its primary is %s and a replica had to confirm',
    { timeout: 120_000 },
    async (_how, happen) => {
      const running = await start(1);
      const { ledger, lost, gapSeconds } = await measureFailover(running, happen);
      expect(lost).toEqual([]);
      expect(ledger.accepted.size).toBeGreaterThan(50);
      expect(ledger.answers.get(503)).toBeGreaterThan(0);
      expect([...ledger.answers.keys()].filter((status) => ![202, 503].includes(status))).toEqual([]);
      expect(ledger.withoutRetryAfter).toBe(0);
      // As any client, it comes again while the old primary is on its way back as a replica.
      const client = createSystemClient(running.system);
      const isServed = async () => (await client.submit({ n: 10, wait: 30 })).status === 200;
      await waitUntil(isServed, { timeoutMs: 40_000, pollMs: 500, what: 'a job is done' });
      console.info(
        `${ledger.accepted.size} accepted, 0 lost, nothing accepted for ${gapSeconds.toFixed(1)} s, answers ${JSON.stringify([...ledger.answers])}`,
      );
    },
  );

  test(
    'loses an accepted job that the replica did not have when nobody had to confirm',
    { timeout: 60_000 },
    async () => {
      const running = await start(0);
      const client = createSystemClient(running.system);
      const primary = await cutReplica(running);
      const id = await client.accepted({ n: 10 });
      await primary.kill();
      await waitForPromotion(running.set, primary);
      const isGone = async () => (await client.call(`/v1/jobs/${id}`)).status === 404;
      await waitUntil(isGone, { timeoutMs: 15_000, what: 'the job that was accepted is gone' });
      expect((await client.call('/v1/jobs')).text).not.toContain(id);
    },
  );

  test(
    'never accepted a job that the replica did not have when one had to confirm',
    { timeout: 60_000 },
    async () => {
      const running = await start(1);
      const client = createSystemClient(running.system);
      const primary = await cutReplica(running);
      const submission = { n: 10, key: 'one' };
      const [first, repeated] = [await client.submit(submission), await client.submit(submission)];
      expect([first.status, first.headers.has('retry-after')]).toEqual([503, true]);
      // The job is there by now, on the primary alone: a repeated request must not be told so.
      expect(repeated.status).toBe(503);
      await primary.kill();
      const next = await waitForPromotion(running.set, primary);
      await primary.start(next.port());
      await running.set.waitUntilWhole();
      let id = '';
      const isAccepted = async () => {
        const answer = await client.submit(submission);
        if (answer.status !== 202) return false;
        ({ id } = client.parseJob(answer));
        return true;
      };
      await waitUntil(isAccepted, { timeoutMs: 15_000, what: 'the job is accepted' });
      await client.waitUntilFinal(id, 60_000);
    },
  );
});
