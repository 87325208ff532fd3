import { randomUUID } from 'node:crypto';
import { deadLetterQueueName, queueName } from '@factorial/core/queue/topology';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker, factorialTask } from '../../testing/test-worker.ts';
import { deadLetterPageSchema, purgeResultSchema, redriveResultSchema } from './dead-letters.ts';

let test: TestApi;
let admin: string;
const pool = 'factorial';
const queue = queueName(pool);
const dead = deadLetterQueueName(pool);

beforeAll(async () => {
  test = await startTestApi();
  admin = await test.clientToken('root', 'admin');
  const worker = createTestWorker(test.askInternal);
  await worker.announce();
  await worker.announce({ ...factorialTask, name: 'other', pool: 'other' });
  // The queues are made with the first message. Its job ends, so that nobody publishes it again.
  const id = await submitted();
  await waitUntil(async () => (await readyIn(queue)) === 1, { what: 'the queues' });
  await worker.done(await worker.claim(id), '1');
  await test.rabbit.take(queue);
});
afterAll(async () => test.close());
afterEach(async () => {
  await purge({ all: true });
  await test.rabbit.purgeQueue(queue);
});

const submitted = async (): Promise<string> => {
  const headers = { 'idempotency-key': randomUUID() };
  const { body } = await test.ask('/v1/jobs', { json: { task: 'factorial', input: { n: 1 } }, headers });
  return z.looseObject({ id: z.string() }).parse(body).id;
};
const list = async (query = '') => {
  const { body } = await test.ask(`/v1/dead-letters${query}`, { token: admin });
  return deadLetterPageSchema.parse(body);
};
const redrive = async (json: object) => {
  const { status, body, text } = await test.ask('/v1/dead-letters/redrive', { json, token: admin });
  if (status !== 200) throw new Error(text);
  return redriveResultSchema.parse(body);
};
const purge = async (json: object) => {
  const { body } = await test.ask('/v1/dead-letters/purge', { json, token: admin });
  return purgeResultSchema.parse(body).purged;
};
const bury = async (...bodies: string[]) => test.rabbit.sendAll(dead, bodies);
const readyIn = async (name: string) => (await test.rabbit.queueCounts(name))?.ready;
const previews = (page: { deadLetters: { preview: string }[] }) =>
  page.deadLetters.map(({ preview }) => preview);

describe('dead letters', () => {
  it('are for admins alone', async () => {
    for (const [path, json] of [
      ['/v1/dead-letters', undefined],
      ['/v1/dead-letters/redrive', { all: true }],
      ['/v1/dead-letters/purge', { all: true }],
    ] as const)
      expect((await test.ask(path, { json })).status).toBe(403);
  });

  it('are listed oldest first with their reason, as often as one looks, and stay', async () => {
    await bury(
      'hello',
      '{"request_id":7}',
      '{"version":9,"request_id":"j1"}',
      '{"request_id":"j2","input":1}',
    );
    for (let look = 0; look < 30; look += 1) expect((await list()).deadLetters).toHaveLength(4);
    const { deadLetters, uncollected } = await list();
    expect(uncollected).toBe(0);
    expect(deadLetters.map(({ reason }) => reason)).toEqual([
      'not_json',
      'wrong_schema',
      'unknown_version',
      'unknown',
    ]);
    expect(deadLetters.map(({ jobId }) => jobId)).toEqual([undefined, undefined, 'j1', 'j2']);
    expect(deadLetters[0]).toMatchObject({ pool, bytes: 5, preview: 'hello', redrivable: true });
  });

  it('are listed page by page, and of one pool where that is named', async () => {
    await bury('a', 'b', 'c');
    const first = await list('?pageSize=2');
    expect(previews(first)).toEqual(['a', 'b']);
    await purge({ ids: [first.deadLetters[1]?.id] });
    const second = await list(`?pageSize=2&pageToken=${first.nextPageToken}`);
    expect([previews(second), second.nextPageToken]).toEqual([['c'], undefined]);
    expect((await list('?pool=other')).deadLetters).toEqual([]);
    expect(previews(await list(`?pool=${pool}`))).toEqual(['a', 'c']);
  });

  it('are refused to whoever asks for a pool or a page that is not there, or does not say which ones', async () => {
    const ask = async (path: string, json?: object) => {
      const { status, body } = await test.ask(`/v1/dead-letters${path}`, { token: admin, json });
      return [status, z.looseObject({ code: z.string() }).parse(body).code];
    };
    expect(await ask('?pool=nonsense')).toEqual([404, 'pool-not-found']);
    expect(await ask('?pageToken=nonsense')).toEqual([400, 'invalid-request']);
    expect(await ask('/purge', { all: true, pool: 'nonsense' })).toEqual([404, 'pool-not-found']);
    for (const body of [{}, { all: false }, { ids: [] }, { all: true, ids: ['x'] }, { pool }])
      expect(await ask('/redrive', body)).toEqual([422, 'invalid-input']);
  });

  it('go back into their queue as they were, and are forgotten then', async () => {
    await bury('a', 'b');
    const [a] = (await list()).deadLetters;
    expect(await redrive({ ids: [a?.id, a?.id, `${pool}:unknown`] })).toEqual({
      redriven: 1,
      left: [{ id: `${pool}:unknown`, why: 'missing' }],
    });
    expect((await test.rabbit.take(queue))?.content.toString()).toBe('a');
    expect(previews(await list())).toEqual(['b']);
    await bury('c');
    expect(await redrive({ all: true, pool: 'other' })).toEqual({ redriven: 0, left: [], uncollected: 0 });
    expect(await redrive({ all: true })).toEqual({ redriven: 2, left: [], uncollected: 0 });
    expect([await readyIn(queue), (await list()).deadLetters]).toEqual([2, []]);
    expect(test.log.linesOf('dead letters redriven').at(-1)).toMatchObject({ redriven: 2, by: 'root' });
  });

  it('go back once when two admins send all of them at the same time', async () => {
    await bury(...Array.from({ length: 60 }, (_, index) => `letter ${index}`));
    await list();
    const results = await Promise.all([redrive({ all: true }), redrive({ all: true })]);
    expect(results[0].redriven + results[1].redriven).toBe(60);
    expect(await readyIn(queue)).toBe(60);
  });

  it('that are too large to be kept whole can be looked at and purged, and not sent', async () => {
    await bury('x'.repeat(20_000));
    const [letter] = (await list()).deadLetters;
    expect(letter).toMatchObject({ bytes: 20_000, redrivable: false, preview: 'x'.repeat(256) });
    expect(await redrive({ all: true })).toMatchObject({
      redriven: 0,
      left: [{ id: letter?.id, why: 'cut' }],
    });
    expect(await purge({ ids: [letter?.id] })).toBe(1);
  });

  it('are listed when what is stored of one cannot be read, and that one can be purged, and not sent', async () => {
    await bury('a', 'b');
    const [a] = (await list()).deadLetters;
    await test.redis.redis.set(test.redis.keys.deadLetter(a?.id ?? ''), '{"deadAt":1e300}');
    const { deadLetters } = await list();
    expect(previews({ deadLetters })).toEqual(['{"deadAt":1e300}', 'b']);
    expect(deadLetters[0]).toMatchObject({ id: a?.id, pool, reason: 'unknown', redrivable: false });
    expect(deadLetters[0]).not.toHaveProperty('deadAt');
    expect(await redrive({ ids: [a?.id] })).toEqual({ redriven: 0, left: [{ id: a?.id, why: 'cut' }] });
    expect(await purge({ ids: [a?.id] })).toBe(1);
    expect(previews(await list())).toEqual(['b']);
  });

  it('that found no room wait in the broker until others are gone, and a purge takes them too', async () => {
    await bury(...Array.from({ length: 510 }, (_, index) => `letter ${index}`));
    const page = await list('?pageSize=100');
    expect([page.deadLetters.length, page.uncollected]).toEqual([100, 10]);
    expect(await purge({ ids: page.deadLetters.map(({ id }) => id) })).toBe(100);
    expect((await list()).uncollected).toBe(0);
    await bury('one more', 'and another');
    await bury(...Array.from({ length: 100 }, (_, index) => `late ${index}`));
    expect(await redrive({ all: true })).toEqual({ redriven: 500, left: [], uncollected: 12 });
    await test.rabbit.purgeQueue(queue);
    await bury(...Array.from({ length: 400 }, (_, index) => `again ${index}`));
    const gauge = await fetch(`${test.api.ops.address().url}/metrics`).then(async (answer) => answer.text());
    expect(gauge).toContain(`factorial_dead_letters{pool="${pool}",service="api"} 412\n`);
    expect(await purge({ all: true })).toBe(412);
  });

  it('stay where the broker does not confirm them', async () => {
    await bury('a');
    const [letter] = (await list()).deadLetters;
    await test.rabbit.deleteQueue(queue);
    expect(await redrive({ all: true })).toMatchObject({
      redriven: 0,
      left: [{ id: letter?.id, why: 'unconfirmed' }],
    });
    expect(previews(await list())).toEqual(['a']);
    expect(await redrive({ all: true })).toEqual({ redriven: 1, left: [], uncollected: 0 });
  });

  it('that were delivered too often say so, and their unfinished job is published again', async () => {
    const id = await submitted();
    await test.rabbit.refuseAll(queue, 'requeue', async () => (await readyIn(dead)) === 1);
    const { deadLetters } = await list();
    expect(deadLetters).toMatchObject([{ reason: 'delivery_limit', jobId: id }]);
    expect(Date.parse(deadLetters[0]?.deadAt ?? '')).toBeGreaterThan(Date.now() - 60_000);

    await test.redis.redis.zadd(test.redis.keys.due, 1, id);
    await waitUntil(async () => (await readyIn(queue)) === 1, {
      what: 'the sweeper publishes it',
      timeoutMs: 10_000,
    });
    const message = await test.rabbit.take(queue);
    expect(message?.content.toString()).toContain(id);
    expect((await createTestWorker(test.askInternal).claim(id)).attempt).toBe(1);
  });
});
