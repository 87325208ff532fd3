/**
 * How many requests a client makes for a job of a minute, counted by the api itself: looking every 5 s, and with the
 * client. A tenth of the times, unless `REQUESTS_JOB_SECONDS=60 npx vitest run test/client/requests.test.ts` asks for the real ones.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, type FactorialClient } from '../../packages/client/src/index.ts';
import { startTestApi, type TestApi } from '../../services/api/src/testing/test-api.ts';
import { createTestWorker, type TestWorker } from '../../services/api/src/testing/test-worker.ts';

const jobSeconds = Number(process.env['REQUESTS_JOB_SECONDS'] ?? 6);
const pollMs = (jobSeconds * 1_000) / 12;
const scope = ['jobs:read', 'jobs:write'];

let api: TestApi;
let worker: TestWorker;
let client: FactorialClient;
beforeAll(async () => {
  api = await startTestApi();
  worker = createTestWorker(api.askInternal);
  await worker.announce();
  client = createClient({ baseUrl: api.publicUrl, token: await api.clientToken('ann', ...scope) });
});
afterAll(async () => api.close());

/** All that the public port has answered. */
const requests = async (): Promise<number> => {
  const text = await (await fetch(`${api.api.ops.address().url}/metrics`)).text();
  const counts = text.matchAll(/^factorial_http_request_seconds_count\{[^}]*port="public"[^}]*\} (\d+)/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
};

/** Works on the next job for as long as it is to last. It is found in Redis: nobody counts that. */
const workOnNext = async (): Promise<void> => {
  const { redis, keys } = api.redis;
  const id = await waitUntil(async () => (await redis.zrange(keys.waiting('factorial'), '0', '0'))[0], {
    what: 'a job waits',
  });
  const claimed = await worker.claim(id);
  await delay(jobSeconds * 1_000);
  await worker.done(claimed, '6');
};

const measured = async (use: () => Promise<unknown>): Promise<number> => {
  const before = await requests();
  await Promise.all([use(), workOnNext()]);
  return (await requests()) - before;
};

const submission = { task: 'factorial', input: { n: 3 } };

const poll = async (): Promise<void> => {
  const { id } = await client.submit(submission);
  do await delay(pollMs);
  while ((await client.get(id)).status !== 'done');
};

test(
  'a client that looks makes 12 requests and more, ours one that waits',
  { timeout: jobSeconds * 6_000 + 20_000 },
  async () => {
    const looking = await measured(poll);
    const run = await measured(async () => client.run(submission));
    const heard = await measured(async () => client.run(submission, { onEvent: () => undefined }));
    console.info(
      `a job of ${jobSeconds} s: looking every ${pollMs} ms ${looking} requests, run() ${run}, with events ${heard}`,
    );
    expect(looking).toBeGreaterThanOrEqual(13);
    expect(run).toBe(jobSeconds < 50 ? 1 : 2);
    expect(heard).toBe(3);
  },
);
