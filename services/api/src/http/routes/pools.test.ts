import { randomUUID } from 'node:crypto';
import { poolResponseSchema } from '@factorial/core/internal/protocol';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker, type TestWorker } from '../../testing/test-worker.ts';

let test: TestApi;
let worker: TestWorker;
let admin: string;
beforeAll(async () => {
  test = await startTestApi();
  admin = await test.clientToken('root', 'admin');
  worker = createTestWorker(test.askInternal);
  await worker.announce();
});
afterAll(async () => test.close());

const change = async (verb: 'pause' | 'resume', { pool = 'factorial', token = admin } = {}) =>
  test.ask(`/v1/pools/${pool}/${verb}`, { method: 'POST', token });
const submitted = async (): Promise<string> => {
  const headers = { 'idempotency-key': randomUUID() };
  const { body } = await test.ask('/v1/jobs', { json: { task: 'factorial', input: { n: 10 } }, headers });
  return z.looseObject({ id: z.string() }).parse(body).id;
};
const beat = async (): Promise<unknown> => {
  const json = { pool: 'factorial', slots: 1, state: 'active', startedAt: 1, held: 0, jobs: [] };
  return (await test.askInternal('/internal/v1/workers/w1', { method: 'PUT', json })).body;
};

describe('a pool', () => {
  it('is paused and resumed by admins alone', async () => {
    const token = await test.clientToken('ann', 'jobs:read', 'jobs:write');
    for (const verb of ['pause', 'resume'] as const)
      expect(await change(verb, { token })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('that nobody knows is answered with 404 and those there are', async () => {
    expect(await change('pause', { pool: 'nonsense' })).toMatchObject({
      status: 404,
      body: { code: 'pool-not-found', knownPools: ['factorial'] },
    });
    expect((await change('resume', { pool: 'nonsense' })).status).toBe(404);
  });

  it('takes jobs in and starts none while it is paused, tells everybody, and starts them when it is resumed', async () => {
    const running = await worker.claim(await submitted());
    const first = await change('pause');
    expect(first).toMatchObject({ status: 200, body: { pool: 'factorial', paused: true } });
    const { pausedSince } = z.looseObject({ pausedSince: z.iso.datetime() }).parse(first.body);
    expect((await change('pause')).body).toEqual(first.body);

    const id = await submitted();
    expect(await beat()).toMatchObject({ paused: true, drain: false });
    expect(await worker.claimOutcome(id)).toBe('paused');
    const report = await test.askInternal('/internal/v1/pools/factorial');
    expect(poolResponseSchema.parse(report.body)).toMatchObject({ paused: true, waiting: 1 });
    expect(await worker.done(running, '3628800')).toBe('ok');
    // One job is done and a worker is there: but for the pause there would be an estimate.
    const view = await waitUntil(
      async () => {
        const { body } = await test.ask('/v1/queue');
        const [pool] = z.looseObject({ pools: z.array(z.looseObject({})) }).parse(body).pools;
        return pool?.['paused'] === true && pool['serviceSeconds'] !== undefined ? pool : undefined;
      },
      { what: 'the view shows it' },
    );
    expect(view).toMatchObject({ ready: 1, paused: true, pausedSince });
    expect(view).not.toHaveProperty('etaSeconds');
    expect((await test.ask(`/v1/jobs/${id}`)).body).not.toHaveProperty('etaSeconds');

    expect(await change('resume')).toMatchObject({ status: 200, body: { pool: 'factorial', paused: false } });
    expect((await change('resume')).status).toBe(200);
    expect(await beat()).toMatchObject({ paused: false });
    expect((await worker.claim(id)).attempt).toBe(1);
    const { body } = await waitUntil(
      async () => {
        const answer = await test.ask('/v1/queue');
        return answer.text.includes('"paused":false') ? answer : undefined;
      },
      { what: 'the view shows that it is resumed' },
    );
    expect(body).not.toHaveProperty('pools.0.pausedSince');
    expect(test.log.linesOf('pool state set')[0]).toMatchObject({ pool: 'factorial', by: 'root' });
  });
});
