import { array, assert, asyncProperty, nat } from 'fast-check';
import { expect, it } from 'vitest';
import { type ServerSentEvent, serverSentEvents } from './server-sent-events.ts';

const read = async (pieces: readonly Uint8Array[]): Promise<ServerSentEvent[]> => {
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }
  const events: ServerSentEvent[] = [];
  for await (const event of serverSentEvents(all())) events.push(event);
  return events;
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('reads fields as the standard says', async () => {
  const text = [
    ': a comment\n\n',
    'id: 1\nevent: log\ndata: one\ndata:two\n\n',
    'event: nothing\n\n',
    'data:  kept space\nid\n\n',
    'unknown: field\ndata\n\n',
    'data: the stream breaks off',
  ].join('');
  expect(await read([bytes(text)])).toEqual([
    { id: '1', event: 'log', data: 'one\ntwo' },
    { id: '', event: 'message', data: ' kept space' },
    { id: '', event: 'message', data: '' },
  ]);
});

it.each(['\n', '\r\n', '\r'])('takes lines that end with %j', async (end) => {
  const text = ['id: 1', 'data: a', '', 'data: b', '', ':'].join(end);
  expect(await read([bytes(text)])).toEqual([
    { id: '1', event: 'message', data: 'a' },
    { id: '1', event: 'message', data: 'b' },
  ]);
});

it('reads the same however the bytes are cut', async () => {
  const text = 'id: 7\r\nevent: log\r\ndata: {"text":"ä€😀"}\r\n\r\n: x\n\ndata: b\ndata: c\n\n';
  const whole = await read([bytes(text)]);
  expect(whole).toHaveLength(2);
  const cuts = array(nat({ max: bytes(text).byteLength }), { maxLength: 12 });
  await assert(
    asyncProperty(cuts, async (at) => {
      const places = [0, ...at.sort((a, b) => a - b), bytes(text).byteLength];
      const pieces = places.slice(1).map((end, index) => bytes(text).slice(places[index], end));
      expect(await read(pieces)).toEqual(whole);
    }),
  );
});
