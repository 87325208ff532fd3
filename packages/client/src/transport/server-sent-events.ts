/** Takes a stream of server-sent events apart (WHATWG HTML, section 9.2.6). */

export interface ServerSentEvent {
  /** Of this event, or the last one that was given. */
  id: string;
  /** `message` where none is given. */
  event: string;
  data: string;
}

interface Pending {
  id: string;
  event: string;
  data: string[];
}

const take = (pending: Pending, line: string): void => {
  const colon = line.indexOf(':');
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (field === 'data') pending.data.push(value);
  if (field === 'event') pending.event = value;
  if (field === 'id' && !value.includes('\0')) pending.id = value;
};

/** A blank line ends an event; one without data is none. */
const finish = (pending: Pending): ServerSentEvent | undefined => {
  const { id, event, data } = pending;
  pending.event = '';
  pending.data = [];
  return data.length === 0 ? undefined : { id, event: event || 'message', data: data.join('\n') };
};

/** A line feed at the next piece's beginning may belong to a carriage return at this one's end. */
const lineEnd = /\r\n|\n|\r(?!$)/;

/** What the stream breaks off in is no event. */
export async function* serverSentEvents(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const decoder = new TextDecoder();
  const pending: Pending = { id: '', event: '', data: [] };
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split(lineEnd);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') take(pending, line);
      const event = line === '' ? finish(pending) : undefined;
      if (event !== undefined) yield event;
    }
  }
}
