import { expect, it } from 'vitest';
import { createOpenStreams } from './open-streams.ts';

const tooMany = expect.objectContaining({ code: 'too-many-streams', options: { retryAfterSeconds: 10 } });

it('refuses one owner more than his share, of both kinds together, and takes others', () => {
  const streams = createOpenStreams({ maxStreams: 10, maxStreamsPerOwner: 2 });
  streams.open('sse', 'ann');
  const leave = streams.open('websocket', 'ann');
  expect(() => streams.open('sse', 'ann')).toThrow(tooMany);
  streams.open('sse', 'bob');
  expect([streams.count('sse'), streams.count('websocket')]).toEqual([2, 1]);
  leave();
  streams.open('sse', 'ann');
});

it('refuses everybody when there are too many', () => {
  const streams = createOpenStreams({ maxStreams: 2, maxStreamsPerOwner: 2 });
  streams.open('sse', 'ann');
  streams.open('sse', 'bob');
  expect(() => streams.open('websocket', 'eve')).toThrow(tooMany);
});

it('gives a place back once', () => {
  const streams = createOpenStreams({ maxStreams: 2, maxStreamsPerOwner: 2 });
  const leave = streams.open('sse', 'ann');
  streams.open('sse', 'ann');
  leave();
  leave();
  expect(streams.count('sse')).toBe(1);
  streams.open('websocket', 'ann');
  expect(() => streams.open('websocket', 'ann')).toThrow(tooMany);
});
