/** What clients do to a WebSocket that they should not, on purpose or for want of a network. */
import { setTimeout as delay } from 'node:timers/promises';
import { said, textOutput } from '@factorial/core/testing/test-job-store';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, describe, expect, it } from 'vitest';
import type { TestSocket } from '../../testing/test-socket.ts';
import {
  startTestWebSockets,
  type TestWebSockets,
  type TestWebSocketsOptions,
} from '../../testing/test-web-sockets.ts';

let test: TestWebSockets;
afterEach(async () => test.close());

const opened = async (options: TestWebSocketsOptions = {}): Promise<TestSocket> => {
  test = await startTestWebSockets(options);
  return test.open();
};

/** One byte each, and no end. */
const inFragments =
  (count: number) =>
  ({ ws }: TestSocket): void => {
    for (let fragment = 0; fragment < count; fragment += 1) ws.send('x', { fin: false });
  };

const nothingIsOpen = async () =>
  waitUntil(() => test.streams.count('websocket') === 0, { what: 'its place is free' });
const nobodyFollows = async () => waitUntil(() => test.hub.following() === 0, { what: 'nobody follows' });

describe('frames that cannot be read', () => {
  it.each([
    ['no JSON', '{"subscribe":', 'invalid-json'],
    ['nothing', '', 'invalid-json'],
    ['null', 'null', 'invalid-input'],
    ['neither subscribe nor unsubscribe', '{}', 'invalid-input'],
    ['both', '{"subscribe":[],"unsubscribe":[]}', 'invalid-input'],
    ['something else', '{"publish":["x"]}', 'invalid-input'],
    ['no list', '{"subscribe":"x"}', 'invalid-input'],
    ['no id', '{"subscribe":[1]}', 'invalid-input'],
    ['an id without end', JSON.stringify({ subscribe: ['x'.repeat(65)] }), 'invalid-input'],
    ['a prototype', '{"subscribe":[{"id":"x","__proto__":{"after":"y"}}]}', 'invalid-input'],
    ['a deep nest', `{"subscribe":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 'invalid-input'],
  ])('are answered with an error when they are %s', async (_what, text, code) => {
    const socket = await opened();
    socket.ws.send(text);
    await socket.until(() => socket.errors().length === 1, 'the error');
    expect(socket.frames).toMatchObject([{ error: { code } }]);
    const id = await test.store.accepted();
    socket.say({ subscribe: [id] });
    await socket.until(() => socket.kinds() === 'queued', 'it goes on');
  });

  it('end it when they are three in a row', async () => {
    const socket = await opened();
    socket.ws.send('x');
    socket.ws.send('x');
    socket.say({ unsubscribe: [] });
    socket.ws.send('x');
    socket.ws.send('x');
    await socket.until(() => socket.frames.length === 5, 'the answers');
    socket.ws.send('x');
    expect(await socket.closed).toEqual({ code: 1008, reason: 'frames that cannot be read' });
    expect(socket.errors()).toHaveLength(5);
  });

  it.each<[string, (socket: TestSocket) => void, number]>([
    ['binary', ({ ws }) => ws.send(Buffer.from('{"subscribe":[]}')), 1003],
    ['larger than 64 KiB', ({ ws }) => ws.send(JSON.stringify({ subscribe: ['x'.repeat(65_536)] })), 1009],
    ['in very many fragments', inFragments(100), 1008],
    ['no UTF-8', ({ ws }) => ws.send(Buffer.from([0xc3, 0x28]), { binary: false }), 1007],
  ])('end it when they are %s', async (_what, act, code) => {
    const socket = await opened();
    act(socket);
    expect((await socket.closed).code).toBe(code);
    await nothingIsOpen();
  });
});

describe('too many subscriptions', () => {
  it('are refused from 1,001 on, by the frame, and 10,000 cost one error each frame', async () => {
    const socket = await opened();
    const ids = await Promise.all(Array.from({ length: 1_100 }, async () => test.store.accepted()));
    socket.say({ subscribe: ids.slice(0, 600) });
    socket.say({ subscribe: ids.slice(600, 1_000) });
    await waitUntil(() => test.hub.following() === 1_000, { what: 'a thousand follow', timeoutMs: 15_000 });
    for (let frame = 0; frame < 90; frame += 1) socket.say({ subscribe: ids.slice(1_000) });
    await socket.until(() => socket.errors().length === 90, 'the errors');
    expect(new Set(socket.errors())).toEqual(new Set(['too-many-subscriptions']));
    expect(test.hub.following()).toBe(1_000);
    expect(socket.events()).toHaveLength(1_000);
    socket.say({ unsubscribe: ids.slice(0, 100) });
    socket.say({ subscribe: ids.slice(1_000) });
    await socket.until(() => socket.events().length === 1_100, 'there was room again');
    expect(test.hub.following()).toBe(1_000);
    socket.ws.terminate();
    await nobodyFollows();
  }, 40_000);

  it('of one owner are refused on whichever socket, until others have ended', async () => {
    const first = await opened({ limits: { maxFollowedPerOwner: 3 } });
    const second = await test.open();
    const ids = await Promise.all(Array.from({ length: 4 }, async () => test.store.accepted()));
    first.say({ subscribe: ids.slice(0, 2) });
    await first.until(() => first.events().length === 2, 'two are followed');
    second.say({ subscribe: ids.slice(2) });
    await second.until(() => second.errors().length === 1, 'the error');
    expect(second.errors()).toEqual(['too-many-streams']);
    expect(test.hub.following()).toBe(2);
    first.ws.close();
    await waitUntil(() => test.hub.following() === 0, { what: 'the first has gone' });
    second.say({ subscribe: ids.slice(1) });
    await second.until(() => second.events().length === 3, 'there was room again');
  });

  it('of jobs that are not there hold no place', async () => {
    const socket = await opened({ limits: { maxSubscriptions: 10, maxFollowedPerOwner: 10 } });
    const strangers = Array.from({ length: 10 }, (_, index) => `none-${index}`);
    for (let frame = 0; frame < 20; frame += 1) socket.say({ subscribe: strangers });
    await socket.until(() => socket.errors().length === 200, 'the errors');
    expect(new Set(socket.errors())).toEqual(new Set(['job-not-found']));
  });
});

/** A job that has said as much as this, and goes on. */
const talkative = async (mebibytes: number) => {
  const attempt = await test.store.claimed(await test.store.accepted());
  const text = `${'x'.repeat(65_535)}\n`;
  let before = 0;
  for (let said64 = 0; said64 < mebibytes * 16; said64 += 1) {
    await test.store.leases.progress(attempt, said(0.5, '', { before, log: text }));
    before += text.length;
  }
  return attempt;
};

/** Resolves when a figure has not changed for a while. */
const restOf = async (figure: () => number): Promise<void> => {
  for (let last = -1; last !== figure();) {
    last = figure();
    await delay(300);
  }
};

describe('a client that does not read', () => {
  it('is held up, and no one else is: what it has yet to be told waits in Redis', async () => {
    const slow = await opened({ limits: { stallMs: 60_000 } });
    const attempt = await talkative(24);
    slow.ws.pause();
    slow.say({ subscribe: [attempt.id] });
    await waitUntil(() => test.eventsRead() > 0, { what: 'it is told' });
    await restOf(test.eventsRead);
    // The rest would not fit into what lies between the two ends.
    expect(test.eventsRead()).toBeLessThan(24 * 16 * 0.8);
    const quick = await test.open();
    quick.say({ subscribe: [attempt.id] });
    await test.store.leases.complete(attempt, textOutput('1'));
    await quick.until(() => quick.kinds().endsWith('done'), 'the other one is told all');
    slow.ws.resume();
    await slow.until(() => slow.kinds().endsWith('done'), 'it catches up');
    expect(slow.events()).toEqual(quick.events());
  }, 40_000);

  it('is closed with 1013 when it makes no room for too long', async () => {
    const socket = await opened({ limits: { stallMs: 200, closeMs: 15_000 } });
    const attempt = await talkative(24);
    socket.ws.pause();
    socket.say({ subscribe: [attempt.id] });
    // Time enough for a busy machine to find out; the answer to the close may come later still.
    await delay(2_500);
    socket.ws.resume();
    expect((await socket.closed).code).toBe(1013);
    await nobodyFollows();
  }, 40_000);

  it('is cut off when it does not even take the close', async () => {
    const socket = await opened({ limits: { stallMs: 100, closeMs: 200 } });
    const attempt = await talkative(24);
    socket.ws.pause();
    socket.say({ subscribe: [attempt.id] });
    await nothingIsOpen();
    expect(test.hub.following()).toBe(0);
    socket.ws.terminate();
  }, 40_000);

  it('and asks on and on is not read from either', async () => {
    const socket = await opened({ limits: { stallMs: 60_000 } });
    socket.ws.pause();
    const asking = JSON.stringify({ unsubscribe: Array.from({ length: 900 }, () => 'x'.repeat(60)) });
    for (let frame = 0; frame < 1_000; frame += 1) socket.ws.send(asking);
    await delay(500);
    // Both ends live in this process: what the client has not got rid of lies in its own buffers.
    expect(socket.ws.bufferedAmount).toBeGreaterThan(10 * 1024 * 1024);
    socket.ws.resume();
    await waitUntil(() => socket.frames.length === 1_000, { what: 'all is answered', timeoutMs: 15_000 });
  }, 40_000);
});

it('is not taken for gone while it waits for what it has asked for', async () => {
  const socket = await opened({ limits: { pingEveryMs: 20 }, readDelayMs: 400 });
  const id = await test.store.accepted();
  socket.say({ subscribe: [id] });
  await socket.until(() => socket.kinds() === 'queued', 'the first event');
  expect(socket.ws.readyState).toBe(socket.ws.OPEN);
});

describe('a client that is gone', () => {
  it('without a word is found out by the ping that it does not answer', async () => {
    const gone = await opened({ limits: { pingEveryMs: 50 } });
    const there = await test.open();
    const id = await test.store.accepted();
    gone.say({ subscribe: [id] });
    await gone.until(() => gone.events().length === 1, 'it follows');
    gone.ws.pause();
    await waitUntil(() => test.streams.count('websocket') === 1, { what: 'its place is free' });
    await nobodyFollows();
    await delay(200);
    expect(there.ws.readyState).toBe(there.ws.OPEN);
  });

  it('in the middle of being told leaves nothing', async () => {
    const socket = await opened();
    const attempt = await talkative(8);
    socket.say({ subscribe: [attempt.id] });
    await socket.until(() => socket.events().length > 10, 'a part of it');
    socket.ws.terminate();
    await nothingIsOpen();
    await nobodyFollows();
    expect(test.log.lines.filter(({ level }) => level >= 50)).toEqual([]);
  }, 40_000);
});

it('ends with the token that opened it', async () => {
  const socket = await opened({ goodUntilMs: Date.now() + 300 });
  expect(await socket.closed).toEqual({ code: 4401, reason: 'the token has expired' });
});

it('tells of a job that is gone while it is followed', async () => {
  const socket = await opened({ lookEveryMs: 20 });
  const id = await test.store.accepted();
  socket.say({ subscribe: [id] });
  await socket.until(() => socket.events().length === 1, 'it follows');
  await test.redis.redis.del(test.redis.keys.job(id), test.redis.keys.events(id));
  await socket.until(() => socket.errors().length === 1, 'the error');
  expect(socket.frames.at(-1)).toMatchObject({ job: id, error: { code: 'job-not-found' } });
  await nobodyFollows();
});
