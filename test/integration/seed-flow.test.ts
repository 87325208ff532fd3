import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';
import { waitUntil } from '@factorial/core/testing/wait-until';

/** SHA-256 of the 711,273 digits of 150000!, computed by Python's math.factorial. */
const digestOf150000 = 'aed1fccd08bd03a068fecf2409e2b0116fef9a3bc426f0f8b1d59960454bb1d9';

const seedResult = z.object({ input: z.number(), output: z.string(), status: z.string() });

let system: System;
let client: SystemClient;
beforeAll(async () => {
  system = await startSystem({ workers: 2 });
  client = createSystemClient(system);
});
afterAll(async () => system.stop());

const result = async (id: string) => {
  const answer = await client.call(`/factorial/result?id=${id}`);
  expect(answer.status).toBe(200);
  return seedResult.parse(JSON.parse(answer.text));
};

describe('the original interface', () => {
  test('answers an id at once, says processing, then done with the right digits', async () => {
    const submitted = await client.call('/factorial?no=150000');
    expect(submitted.status).toBe(200);
    expect(submitted.headers.get('content-type')).toContain('text/plain');
    const id = submitted.text;
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(await result(id)).toEqual({ input: 150_000, output: '', status: 'processing' });
    await waitUntil(async () => (await result(id)).status === 'done', { timeoutMs: 20_000, what: 'done' });
    const { output } = await result(id);
    expect(output).toHaveLength(711_273);
    expect(createHash('sha256').update(output).digest('hex')).toBe(digestOf150000);
  });

  test('answers every one of six at once, and computes all of them', async () => {
    const ids = await Promise.all(
      Array.from({ length: 6 }, async () => (await client.call('/factorial?no=150000')).text),
    );
    expect(new Set(ids).size).toBe(6);
    const jobs = await Promise.all(ids.map(async (id) => client.waitUntilFinal(id)));
    expect(jobs.map(({ status, attempt }) => `${status} ${attempt}`)).toEqual(
      Array.from({ length: 6 }, () => 'done 1'),
    );
  });
});

describe('a job', () => {
  test('comes back in one call when the client waits for it', async () => {
    const answer = await client.submit({ n: 1_000, wait: 20 });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('preference-applied')).toBe('wait=20');
    const output = client.parseJob(answer).output;
    let product = 1n;
    for (let factor = 2n; factor <= 1_000n; factor += 1n) product *= factor;
    expect(output).toBe(product.toString());
  });

  test('is made once by 50 posts with one idempotency key', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => client.submit({ n: 11, key: 'fifty' })),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
    expect(new Set(answers.map((answer) => client.parseJob(answer).id)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === 'true')).toHaveLength(
      49,
    );
  });

  test('belongs to its owner alone', async () => {
    const id = await client.accepted({ n: 5 });
    const stranger = createSystemClient(system, await system.tokenFor('stranger'));
    expect((await stranger.call(`/v1/jobs/${id}`)).status).toBe(404);
    expect((await stranger.post(`/v1/jobs/${id}/cancel`, {})).status).toBe(404);
    expect((await stranger.call(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await createSystemClient(system, system.adminToken).call(`/v1/jobs/${id}`)).status).toBe(200);
  });
});

describe('cancel', () => {
  test('stops a running job and its worker takes the next; a queued one ends at once', async () => {
    const running = await Promise.all([1, 2].map(async () => client.accepted({ n: 1_000_000 })));
    await Promise.all(running.map(async (id) => client.waitForStatus(id, 'processing')));
    const queued = await client.accepted({ n: 1_000_000 });
    expect((await client.post(`/v1/jobs/${queued}/cancel`, {})).status).toBe(200);
    expect((await client.job(queued)).status).toBe('cancelled');
    const next = await client.accepted({ n: 10 });
    await Promise.all(running.map(async (id) => client.post(`/v1/jobs/${id}/cancel`, {})));
    expect((await client.waitUntilFinal(next, 3_000)).status).toBe('done');
    const cancelled = await Promise.all(running.map(async (id) => client.job(id)));
    expect(cancelled.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect((await client.post(`/v1/jobs/${next}/cancel`, {})).status).toBe(409);
  });
});
