import { connect } from 'node:net';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEvents } from '../testing/read-events.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { openSocket, refusalOf } from '../testing/test-socket.ts';
import { createTestWorker } from '../testing/test-worker.ts';

let test: TestApi;
let socketUrl: string;

beforeAll(async () => {
  test = await startTestApi({ env: { MAX_STREAMS: '4', MAX_STREAMS_PER_OWNER: '2' } });
  socketUrl = `${test.publicUrl.replace('http', 'ws')}/v1/ws`;
  await createTestWorker(test.askInternal).announce();
});
afterAll(async () => test.close());

const submitted = async (): Promise<string> => (await test.ask('/factorial?no=5')).text;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const openSse = async (id: string, token: string) =>
  openEvents(`${test.publicUrl}/v1/jobs/${id}/events`, bearer(token));

const openStreams = async (): Promise<Record<string, number>> => {
  const metrics = await (await fetch(`${test.api.ops.address().url}/metrics`)).text();
  const lines = metrics.matchAll(/^factorial_api_open_streams\{kind="(\w+)"[^}]*\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, kind, count]) => [kind, Number(count)]));
};
const nothingIsOpen = async () =>
  waitUntil(async () => Object.values(await openStreams()).every((count) => count === 0), {
    what: 'no stream is open',
  });

it('are counted by kind, and those too many of one owner or in all are refused', async () => {
  const id = await submitted();
  const admin = async (subject: string) => test.clientToken(subject, 'admin');
  const [ann, bob, eve] = [await admin('ann'), await admin('bob'), await admin('eve')];
  const streams = [await openSse(id, ann), await openSse(id, bob), await openSse(id, bob)];
  const socket = await openSocket(socketUrl, { headers: bearer(ann) });
  expect(await openStreams()).toEqual({ sse: 3, websocket: 1 });
  const refused = await refusalOf(socketUrl, { headers: bearer(eve) });
  expect([refused.status, refused.body, refused.headers['retry-after']]).toMatchObject([
    503,
    { code: 'too-many-streams', detail: expect.stringContaining('There are 4') },
    '10',
  ]);
  streams[2]?.close();
  await waitUntil(async () => (await openStreams())['sse'] === 2, { what: 'a place is free' });
  const second = await test.ask(`/v1/jobs/${id}/events`, { token: ann });
  expect([second.status, second.body]).toMatchObject([
    503,
    { code: 'too-many-streams', detail: expect.stringContaining('You have 2') },
  ]);
  const again = await openSse(id, eve);
  expect(again.status).toBe(200);
  socket.ws.close();
  for (const stream of [...streams, again]) stream.close();
  await nothingIsOpen();
});

it('end with their token', async () => {
  const toleranceSeconds = 30;
  const token = await test.clientTokenFor(2 - toleranceSeconds, 'ann', 'jobs:read', 'jobs:write');
  const stream = await openSse(await submitted(), token);
  const socket = await openSocket(socketUrl, { headers: bearer(token) });
  await stream.ended;
  expect(stream.events.map(({ event }) => event)).toEqual(['queued']);
  expect((await socket.closed).code).toBe(4401);
  await nothingIsOpen();
});

it('leave nothing when their client is gone before they have begun', async () => {
  const [id, token] = [await submitted(), await test.clientToken('ann', 'jobs:read')];
  for (let client = 0; client < 200; client += 1) {
    const socket = connect(test.api.publicServer.port(), '127.0.0.1');
    const path = client % 2 === 0 ? `/v1/jobs/${id}/events` : '/v1/ws';
    const upgrade =
      'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${client % 2 === 0 ? '' : upgrade}\r\n`,
      () => setTimeout(() => socket.resetAndDestroy(), client % 8),
    );
    socket.on('error', () => undefined);
    if (client % 4 === 3) await openStreams();
  }
  await nothingIsOpen();
  await waitUntil(() => test.api.events.following() === 0, { what: 'nobody follows' });
  const stream = await openSse(id, token);
  expect(stream.status).toBe(200);
  stream.close();
  await nothingIsOpen();
});
