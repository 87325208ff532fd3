import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { runLoad, settle } from '../client/ledger.ts';

/** `API_KILLS=100 npx vitest run test/integration/api-crash.test.ts` for the long run. */
const kills = Number(process.env['API_KILLS'] ?? 8);

let system: System;
beforeAll(async () => {
  system = await startSystem({ workers: 1 });
});
afterAll(async () => system.stop());

test(
  'every id that was answered ends in a final state when the api is killed again and again',
  async () => {
    const over = new AbortController();
    const load = runLoad({ target: system, work: { n: 200 }, paceMs: 5, clients: 8, signal: over.signal });
    for (let kill = 0; kill < kills; kill += 1) {
      await delay(200 + Math.random() * 600);
      await system.api.kill();
      await system.api.start();
    }
    over.abort();
    const ledger = await load;
    const views = await settle(system, ledger, 60_000);
    expect(ledger.accepted.size).toBeGreaterThan(kills * 10);
    expect(views.filter(({ status }) => status !== 'done')).toEqual([]);
    console.info(
      `${kills} kills, ${ledger.accepted.size} accepted, all done; answers ${JSON.stringify([...ledger.answers])}`,
    );
  },
  60_000 + kills * 4_000,
);
