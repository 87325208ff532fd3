import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type EventReader, openEvents } from '../../testing/read-events.ts';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker, type TestWorker } from '../../testing/test-worker.ts';

let test: TestApi;
let worker: TestWorker;
let token: string;

beforeAll(async () => {
  test = await startTestApi();
  worker = createTestWorker(test.askInternal);
  await worker.announce();
  token = await test.clientToken('ann', 'jobs:read');
});
afterAll(async () => test.close());

const submitted = async (): Promise<string> => {
  const { body } = await test.ask('/v1/jobs', { json: { task: 'factorial', input: { n: 5 } } });
  return z.object({ id: z.string() }).parse(body).id;
};

const open = async (id: string, headers: Record<string, string> = {}, query = ''): Promise<EventReader> =>
  openEvents(`${test.publicUrl}/v1/jobs/${id}/events${query}`, {
    authorization: `Bearer ${token}`,
    ...headers,
  });

const kinds = ({ events }: EventReader): string => events.map(({ event }) => event).join(' ');

const say = async (claimed: object, texts: object): Promise<void> => {
  const progress = [{ ...claimed, value: 0.5, message: 'half', ...texts }];
  const { status } = await test.askInternal('/internal/v1/progress', { json: { progress } });
  expect(status).toBe(204);
};

describe('GET /v1/jobs/{id}/events', () => {
  it('tells a job from its first event to its last, as they happen, and ends', async () => {
    const id = await submitted();
    const stream = await open(id);
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await waitUntil(() => kinds(stream) === 'queued', { what: 'the first event' });
    const claimed = await worker.claim(id);
    await waitUntil(() => kinds(stream) === 'queued started', { what: 'the start' });
    await say(claimed, { log: 'a line\n', output: '12' });
    await waitUntil(() => stream.events.length === 5, { what: 'what it says' });
    await worker.done(claimed, '120');
    await stream.ended;
    expect(kinds(stream)).toBe('queued started progress log output done');
    expect(stream.events.map(({ data }) => data)).toMatchObject([
      { attempt: 0, reason: 'accepted' },
      { attempt: 1 },
      { attempt: 1, value: 0.5, message: 'half' },
      { attempt: 1, text: 'a line\n' },
      { attempt: 1, text: '12' },
      { attempt: 1, outputBytes: 3, outputMediaType: 'text/plain' },
    ]);
    for (const { id: eventId, data } of stream.events) {
      expect(eventId).toMatch(new RegExp(String.raw`^\d+-\d+\.${id.slice(0, 8)}$`));
      expect(Date.parse(String(data['at']))).toBeGreaterThan(Date.now() - 60_000);
    }
  });

  it('goes on after Last-Event-ID, in the header or the address, and misses nothing', async () => {
    const id = await submitted();
    const claimed = await worker.claim(id);
    const early = await open(id);
    await waitUntil(() => early.events.length === 2, { what: 'two events' });
    early.close();
    await say(claimed, {});
    await worker.done(claimed, '120');
    const last = early.events.at(-1)?.id ?? '';
    const byHeader = await open(id, { 'last-event-id': last });
    const byAddress = await open(id, {}, `?lastEventId=${last}`);
    await Promise.all([byHeader.ended, byAddress.ended]);
    expect(kinds(byHeader)).toBe('progress done');
    expect(byAddress.events).toEqual(byHeader.events);
    const end = byHeader.events.at(-1)?.id ?? '';
    expect((await open(id, { 'last-event-id': end })).status).toBe(204);
  });

  it('tells every client of a job the same', async () => {
    const id = await submitted();
    const streams = await Promise.all(Array.from({ length: 20 }, async () => open(id)));
    await worker.done(await worker.claim(id), '120');
    await Promise.all(streams.map(async ({ ended }) => ended));
    for (const { events } of streams) expect(events).toEqual(streams[0]?.events);
    expect(streams[0]?.events).toHaveLength(3);
  });

  it('goes on through a failure that is tried again, and past an end that was taken back', async () => {
    const id = await submitted();
    await worker.failed(await worker.claim(id), 'never');
    await test.ask(`/v1/jobs/${id}/retry`, { method: 'POST' });
    const stream = await open(id);
    await worker.done(await worker.claim(id), '120');
    await stream.ended;
    expect(kinds(stream)).toBe('queued started failed queued started done');
    expect(stream.events[2]?.data).toMatchObject({ error: { code: 'broken', retryable: false } });
  });

  it('ends when the job is cancelled', async () => {
    const id = await submitted();
    const stream = await open(id);
    await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await stream.ended;
    expect(kinds(stream)).toBe('queued cancelled');
  });

  it('tells the end of a job that has no event of it', async () => {
    const id = await submitted();
    await worker.failed(await worker.claim(id), 'never');
    await test.redis.redis.del(test.redis.keys.events(id));
    const stream = await open(id);
    await stream.ended;
    expect(stream.events).toMatchObject([
      { event: 'failed', data: { attempt: 1, error: { code: 'broken' } } },
    ]);
    expect((await open(id, { 'last-event-id': stream.events[0]?.id ?? '' })).status).toBe(204);
  });

  it.each([
    ['of another job', `1732579200123-0.00000000`, 'another job'],
    ['that is none', 'yesterday', 'none that this API'],
    ['that tries a command', '0-0 COUNT 1.aaaaaaaa', 'none that this API'],
  ])('refuses an event id %s', async (_what, eventId, detail) => {
    const { status, body } = await test.ask(`/v1/jobs/${await submitted()}/events`, {
      headers: { 'last-event-id': eventId },
    });
    expect([status, body]).toMatchObject([400, { code: 'invalid-event-id' }]);
    expect(z.object({ detail: z.string() }).parse(body).detail).toContain(detail);
  });

  it("is 404 for a stranger's job, 401 without a token, 410 for an expired one", async () => {
    const id = await submitted();
    const bob = await test.clientToken('bob', 'jobs:read');
    expect((await test.ask(`/v1/jobs/${id}/events`, { token: bob })).status).toBe(404);
    expect((await test.ask(`/v1/jobs/${id}/events`, { token: '' })).status).toBe(401);
    await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await test.ask(`/v1/jobs/${id}`, { method: 'DELETE' });
    expect((await test.ask(`/v1/jobs/${id}/events`)).status).toBe(410);
  });

  it('answers HEAD at once, though the job goes on', async () => {
    const { status, headers } = await test.ask(`/v1/jobs/${await submitted()}/events`, { method: 'HEAD' });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(test.api.events.following()).toBe(0);
  });

  it('forgets a client that has left', async () => {
    const stream = await open(await submitted());
    expect(test.api.events.following()).toBeGreaterThan(0);
    stream.close();
    await waitUntil(() => test.api.events.following() === 0, { what: 'nobody follows' });
  });
});
