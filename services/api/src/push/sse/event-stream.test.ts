import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import express from 'express';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpServer, type HttpServer } from '../../http-server.ts';
import type { EventView } from '../event-view.ts';
import { type EventStream, type EventStreamOptions, openEventStream } from './event-stream.ts';

let server: HttpServer | undefined;
let client: Socket | undefined;
afterEach(async () => {
  client?.destroy();
  await server?.stop(AbortSignal.abort());
});

interface Scene {
  stream: EventStream;
  socket: Socket;
  /** What the client has read. */
  text: () => string;
  rooms: () => number;
  closes: () => number;
}

const open = async (options: Partial<EventStreamOptions> = {}): Promise<Scene> => {
  let [rooms, closes, text] = [0, 0, ''];
  const opened = Promise.withResolvers<EventStream>();
  const app = express().get('/', (_req, res) => {
    const counting = { onRoom: () => (rooms += 1), onClose: () => (closes += 1) };
    opened.resolve(openEventStream(res, { ...counting, ...options }));
  });
  const { logger } = createRecordedLogger();
  server = createHttpServer({ name: 'test-server', app, host: '127.0.0.1', port: 0, logger });
  await server.start();
  const socket = connect(server.port(), '127.0.0.1');
  client = socket;
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const stream = await opened.promise;
  return { stream, socket, text: () => text, rooms: () => rooms, closes: () => closes };
};

const event = (id: string, size = 1): EventView => ({
  id,
  event: 'log',
  data: { attempt: 1, at: '2026-01-01T00:00:00.000Z', text: 'x'.repeat(size) },
});

/** Writes until what lies between the two ends is full, too: then there is no room again. @returns how often there was. */
const fill = async ({ stream, socket, rooms }: Scene): Promise<number> => {
  socket.pause();
  for (let piece = 0; piece < 64; piece += 1) {
    const before = rooms();
    if (stream.write([event(`${piece}-0`, 1024 * 1024)]) === 'more') continue;
    for (let look = 0; look < 10 && rooms() === before; look += 1) await delay(5);
    if (rooms() === before) return before;
  }
  throw new Error('there is room without end');
};

it('begins at once, writes events in their form, and ends', async () => {
  const { stream, socket, text, closes } = await open();
  await waitUntil(() => text().includes('retry: 1000'), { what: 'the head' });
  expect(text()).toMatch(/^HTTP\/1\.1 200 [^]*content-type: text\/event-stream; charset=utf-8/i);
  expect(stream.write([event('1-0')])).toBe('more');
  await waitUntil(() => text().includes('id: 1-0\nevent: log\ndata: {"attempt":1,'), { what: 'the event' });
  stream.end();
  await waitUntil(() => closes() === 1, { what: 'it has ended' });
  expect(stream.write([event('2-0')])).toBe('full');
  socket.destroy();
});

it('says that it lives when there is nothing to say', async () => {
  const { text } = await open({ keepAliveMs: 20 });
  const comments = (): number => text().split(': keep-alive\n\n').length - 1;
  expect(await waitUntil(() => comments() >= 3 && comments(), { what: 'three comments' })).toBeGreaterThan(2);
});

describe('a client that reads slowly', () => {
  it('is held up and told to go on when it has read', async () => {
    const scene = await open({ keepAliveMs: 5 });
    const before = await fill(scene);
    scene.socket.resume();
    await waitUntil(() => scene.rooms() === before + 1, { what: 'there is room' });
    expect(scene.stream.write([event('last-0')])).toBe('more');
    await waitUntil(() => scene.text().includes('id: last-0'), { what: 'the last event' });
  });

  it('is ended when it reads nothing for too long', async () => {
    const scene = await open({ stallMs: 100 });
    await fill(scene);
    await waitUntil(() => scene.closes() === 1, { what: 'it is ended' });
    expect(scene.stream.write([event('late-0')])).toBe('full');
  });
});

it('is closed once when the client goes', async () => {
  const scene = await open({ keepAliveMs: 5 });
  const closed = once(scene.socket, 'close');
  scene.socket.destroy();
  await closed;
  await waitUntil(() => scene.closes() === 1, { what: 'it is told' });
  scene.stream.end();
  expect(scene.closes()).toBe(1);
});
