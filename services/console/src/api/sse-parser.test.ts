import { describe, expect, test } from 'vitest';
import { createSseParser, type ServerSentEvent } from './sse-parser.ts';

const stream = [
  ': keep-alive\n\n',
  'id: 17-0.3f2a9c1d\nevent: queued\ndata: {"attempt":0}\n\n',
  'id: 18-0.3f2a9c1d\nevent: log\ndata: one\ndata:two\n\n',
  'event: never\n\n',
  'data\n\n',
  'data: cut off',
].join('');

const expected: ServerSentEvent[] = [
  { type: 'queued', data: '{"attempt":0}', id: '17-0.3f2a9c1d' },
  { type: 'log', data: 'one\ntwo', id: '18-0.3f2a9c1d' },
  { type: 'message', data: '', id: '18-0.3f2a9c1d' },
];

describe('a stream of events', () => {
  test('is read whole', () => {
    expect(createSseParser()(stream)).toEqual(expected);
  });

  test.each([1, 2, 3, 7])('is read the same in pieces of %i characters', (size) => {
    const parse = createSseParser();
    const pieces = stream.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
    expect(pieces.flatMap((piece) => parse(piece))).toEqual(expected);
  });

  test.each(['\r\n', '\r'])('may end its lines with %j', (lineEnd) => {
    const parse = createSseParser();
    const text = `${stream.replaceAll('\n', lineEnd)}${lineEnd}`;
    expect(Array.from(text).flatMap((piece) => parse(piece))).toEqual(expected);
  });
});
