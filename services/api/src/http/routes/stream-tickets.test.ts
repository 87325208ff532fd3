import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openEvents } from '../../testing/read-events.ts';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { openSocket, refusalOf } from '../../testing/test-socket.ts';
import { createTestWorker, type TestWorker } from '../../testing/test-worker.ts';

let test: TestApi;
let worker: TestWorker;

beforeAll(async () => {
  test = await startTestApi({ env: { MAX_STREAMS: '4', MAX_STREAMS_PER_OWNER: '2' } });
  worker = createTestWorker(test.askInternal);
  await worker.announce();
});
afterAll(async () => test.close());

const issuedSchema = z.object({ ticket: z.string(), expiresInSeconds: z.number() });
const issued = async (token?: string): Promise<string> => {
  const answer = await test.ask('/v1/stream-tickets', { method: 'POST', token });
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
  const { ticket, expiresInSeconds } = issuedSchema.parse(answer.body);
  expect(expiresInSeconds).toBe(30);
  return ticket;
};
const submitted = async (): Promise<string> => (await test.ask('/factorial?no=5')).text;

const eventsUrl = (id: string, ticket: string): string =>
  `${test.publicUrl}/v1/jobs/${id}/events?ticket=${ticket}`;
const socketUrl = (ticket: string): string =>
  `${test.publicUrl.replace('http', 'ws')}/v1/ws?ticket=${ticket}`;

const openStreams = async (): Promise<Record<string, number>> => {
  const metrics = await (await fetch(`${test.api.ops.address().url}/metrics`)).text();
  const lines = metrics.matchAll(/^factorial_api_open_streams\{kind="(\w+)"[^}]*\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, kind, count]) => [kind, Number(count)]));
};
const nothingIsOpen = async () =>
  waitUntil(async () => Object.values(await openStreams()).every((count) => count === 0), {
    what: 'no stream is open',
  });

describe('a ticket', () => {
  it('opens one stream of events, with Last-Event-ID in the address', async () => {
    const id = await submitted();
    const stream = await openEvents(eventsUrl(id, await issued()), {});
    await worker.done(await worker.claim(id), '120');
    await stream.ended;
    expect(stream.events.map(({ event }) => event)).toEqual(['queued', 'started', 'done']);
    const rest = await openEvents(
      `${eventsUrl(id, await issued())}&lastEventId=${stream.events[1]?.id ?? ''}`,
      {},
    );
    await rest.ended;
    expect(rest.events).toEqual(stream.events.slice(2));
  });

  it('opens one WebSocket, as who has it', async () => {
    const [mine, theirs] = [await submitted(), await submitted()];
    const bob = await test.clientToken('bob', 'jobs:read');
    const socket = await openSocket(socketUrl(await issued(bob)));
    socket.say({ subscribe: [mine, theirs] });
    await socket.until(() => socket.errors().length === 2, 'the errors');
    expect(socket.errors()).toEqual(['job-not-found', 'job-not-found']);
    socket.ws.close();
    const own = await openSocket(socketUrl(await issued()));
    own.say({ subscribe: [mine] });
    await own.until(() => own.kinds() === 'queued', 'the first event');
    own.ws.close();
    await nothingIsOpen();
  });

  it('is used up by its first use, whatever comes of that', async () => {
    const ticket = await issued();
    const first = await test.ask(`/v1/jobs/none/events?ticket=${ticket}`, { token: '' });
    expect(first.status).toBe(404);
    const second = await test.ask(`/v1/jobs/none/events?ticket=${ticket}`, { token: '' });
    expect([second.status, second.body]).toMatchObject([401, { code: 'unauthorized' }]);
    expect(second.headers.get('www-authenticate')).toContain('error="invalid_token"');
    const third = await refusalOf(socketUrl(ticket));
    expect([third.status, third.body]).toMatchObject([401, { code: 'unauthorized' }]);
  });

  it('counts where it is given, and a token beside it does not', async () => {
    const used = 'x'.repeat(43);
    expect((await test.ask(`/v1/jobs/none/events?ticket=${used}`)).status).toBe(401);
  });

  it('opens nothing else', async () => {
    const ticket = await issued();
    for (const [method, path] of [
      ['GET', '/v1/jobs'],
      ['GET', `/v1/jobs/${await submitted()}`],
      ['GET', '/v1/queue'],
      ['POST', '/v1/stream-tickets'],
    ]) {
      const answer = await test.ask(`${path}?ticket=${ticket}`, { method: method ?? '', token: '' });
      expect([answer.status, answer.body]).toMatchObject([401, { code: 'unauthorized' }]);
    }
    const socket = await openSocket(socketUrl(ticket));
    socket.ws.close();
    await nothingIsOpen();
  });

  it('is none where it is a token', async () => {
    const token = await test.clientToken('ann', 'jobs:read');
    for (const path of ['/v1/jobs/none/events', '/v1/ws']) {
      const { status, body } = await test.ask(`${path}?ticket=${token}`, { token: '' });
      expect([status, body]).toMatchObject([
        401,
        { detail: expect.stringContaining('POST /v1/stream-tickets') },
      ]);
    }
  });

  it('is given to those alone who may read jobs', async () => {
    const writer = await test.clientToken('ann', 'jobs:write');
    expect((await test.ask('/v1/stream-tickets', { method: 'POST', token: writer })).status).toBe(403);
    expect((await test.ask('/v1/stream-tickets', { method: 'POST', token: '' })).status).toBe(401);
  });

  it('is in no log, nor is a token that was given for one', async () => {
    const [ticket, token] = [await issued(), await test.clientToken('ann', 'jobs:read')];
    await test.ask(`/v1/jobs/none/events?ticket=${ticket}`, {
      token: '',
      headers: { 'x-request-id': 'with-ticket' },
    });
    await test.ask(`/v1/ws?ticket=${token}`, { token: '' });
    await test.ask(`/v1/none?ticket=${token}`, { token: '' });
    const log = JSON.stringify(test.log.lines);
    expect(log).toContain('with-ticket');
    expect([log.includes(ticket), log.includes(token)]).toEqual([false, false]);
  });
});
