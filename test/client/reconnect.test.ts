import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createClient, type JobEvent } from '../../packages/client/src/index.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ workers: 1 });
});
afterAll(async () => system.stop());

/** Kills the api and starts it again, once. */
const createBlow = () => {
  let struck: Promise<void> | undefined;
  const strike = async (): Promise<void> => {
    await system.api.kill();
    await system.api.start();
  };
  return () => {
    struck ??= strike();
    return struck;
  };
};

test(
  'a job is followed to its end while the api dies and comes back: every event once, in order',
  { timeout: 90_000 },
  async () => {
    const client = createClient({ baseUrl: system.apiUrl, token: system.token, retries: 20 });
    const strike = createBlow();
    const heard: JobEvent[] = [];
    let blow: Promise<void> | undefined;
    const job = await client.run(
      { task: 'factorial', input: { n: 1_000_000 } },
      {
        onEvent: (event) => {
          heard.push(event);
          if (event.type === 'started') blow = strike();
        },
      },
    );
    await blow;
    expect(blow).toBeDefined();
    expect(job).toMatchObject({ status: 'done', attempt: 1 });
    const all: JobEvent[] = [];
    for await (const event of client.events(job)) all.push(event);
    expect(heard).toEqual(all);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
    expect([heard.at(0)?.type, heard.at(-1)?.type]).toEqual(['queued', 'done']);
    console.info(`${heard.length} events over a dead api: ${heard.map(({ type }) => type).join(' ')}`);
  },
);
