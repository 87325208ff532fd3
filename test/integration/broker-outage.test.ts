import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { type Ledger, runLoad, settle } from '../client/ledger.ts';
import { createSystemClient } from '../client/system-client.ts';

/** `OUTAGE_SECONDS=30 npx vitest run test/integration/broker-outage.test.ts` for the long run. */
const outageMs = Number(process.env['OUTAGE_SECONDS'] ?? 5) * 1_000;

let system: System;
beforeAll(async () => {
  system = await startSystem({ workers: 2 });
});
afterAll(async () => system.stop());

/** Load before, during and after the outage. @returns the books, and the ids accepted after it. */
const outage = async (stop: () => Promise<void>, start: () => Promise<void>): Promise<Ledger> => {
  const over = new AbortController();
  const load = runLoad({ target: system, work: { n: 2_000 }, paceMs: 20, clients: 6, signal: over.signal });
  await delay(1_000);
  await stop();
  await delay(outageMs);
  await start();
  await delay(6_000);
  over.abort();
  return load;
};

const expectNothingLost = async (ledger: Ledger): Promise<void> => {
  const views = await settle(system, ledger, 90_000);
  expect(views.filter(({ status }) => status !== 'done')).toEqual([]);
  expect(ledger.accepted.size).toBeGreaterThan(50);
  expect(ledger.answers.get(503), JSON.stringify([...ledger.answers])).toBeGreaterThan(0);
  expect([...ledger.answers.keys()].filter((status) => ![200, 202, 503].includes(status))).toEqual([]);
  expect(ledger.withoutRetryAfter).toBe(0);
  expect(ledger.slowestMs).toBeLessThan(2_500);
  expect((await createSystemClient(system).submit({ n: 10, wait: 20 })).status).toBe(200);
  console.info(
    `${ledger.accepted.size} accepted, all done; slowest answer ${ledger.slowestMs.toFixed(0)} ms; answers ${JSON.stringify([...ledger.answers])}`,
  );
};

describe('an outage under load', () => {
  test(
    'of RabbitMQ loses nothing, hangs nothing and needs no restart',
    { timeout: 240_000 + outageMs },
    async () => {
      await expectNothingLost(await outage(system.rabbitmq.stop, system.rabbitmq.start));
    },
  );

  test(
    'of Redis loses nothing, hangs nothing and needs no restart',
    { timeout: 240_000 + outageMs },
    async () => {
      await expectNothingLost(await outage(system.redis.stop, system.redis.start));
    },
  );

  test('of Redis by kill -9 loses nothing', { timeout: 240_000 + outageMs }, async () => {
    await expectNothingLost(await outage(system.redis.kill, system.redis.start));
  });
});
