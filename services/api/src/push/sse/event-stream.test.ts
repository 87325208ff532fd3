import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EventStream, openEventStream } from './event-stream.ts';

const server = createServer();
let client: Socket;
afterEach(() => {
  client.destroy();
  server.removeAllListeners('request').close();
});

const view = (text: string) => ({ id: '1-0.aaaaaaaa', event: 'log' as const, data: { text } });
/** More than the buffers of a connection hold. */
const much = Array.from({ length: 64 }, () => view('x'.repeat(262_144)));

/** A client that reads nothing yet. */
const opened = async (times: { keepAliveMs?: number; stallMs?: number }) => {
  const onRoom = vi.fn<() => void>();
  const onClose = vi.fn<() => void>();
  const stream = Promise.withResolvers<EventStream>();
  server.once('request', (_req, res: ServerResponse) =>
    stream.resolve(openEventStream(res, { ...times, onRoom, onClose })),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  client = connect(address.port, '127.0.0.1').pause();
  client.write('GET / HTTP/1.1\r\nhost: test\r\n\r\n');
  return { stream: await stream.promise, onRoom, onClose };
};

describe('openEventStream', () => {
  it('says that a client is behind, and that it has caught up', async () => {
    const { stream, onRoom } = await opened({});
    expect(stream.write([view('a')])).toBe('more');
    expect(stream.write(much)).toBe('full');
    expect(onRoom).not.toHaveBeenCalled();
    client.resume();
    await waitUntil(() => onRoom.mock.calls.length === 1, { what: 'room' });
    expect(stream.write([view('b')])).toBe('more');
  });

  it('breaks off when the client does not catch up in time', async () => {
    const { stream, onRoom, onClose } = await opened({ stallMs: 20 });
    expect(stream.write(much)).toBe('full');
    await waitUntil(() => onClose.mock.calls.length === 1, { what: 'the end' });
    expect(onRoom).not.toHaveBeenCalled();
    expect(stream.write([view('b')])).toBe('full');
  });

  it('sends a comment now and then, and none after its end', async () => {
    const { stream, onClose } = await opened({ keepAliveMs: 5 });
    let text = '';
    client.resume().on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    await waitUntil(() => text.split(': keep-alive\n\n').length > 3, { what: 'comments' });
    stream.end();
    await waitUntil(() => onClose.mock.calls.length === 1, { what: 'the end' });
    expect(text).toMatch(/retry: 1000\n\n/);
    expect(text.trimEnd().endsWith('0')).toBe(true);
  });
});
