/** Takes a text/event-stream apart (WHATWG HTML, section 9.2.6), however it is cut into pieces. */

export interface ServerSentEvent {
  type: string;
  data: string;
  /** The last id that the stream has told. */
  id: string;
}

interface Draft {
  type: string;
  data: string[];
}

const emptyDraft = (): Draft => ({ type: '', data: [] });

/** `field: value`, with one optional space; a line without a colon is a field without a value. */
const splitLine = (line: string): [field: string, value: string] => {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value];
};

/** @returns a function that takes the next piece of text, and tells the events that are whole with it. */
export const createSseParser = (): ((piece: string) => ServerSentEvent[]) => {
  let rest = '';
  let id = '';
  let draft = emptyDraft();

  const takeField = (line: string): void => {
    const [field, value] = splitLine(line);
    if (field === 'event') draft.type = value;
    else if (field === 'data') draft.data.push(value);
    else if (field === 'id' && !value.includes('\0')) id = value;
  };

  const takeLine = (line: string): ServerSentEvent[] => {
    if (line !== '') {
      takeField(line);
      return [];
    }
    const { type, data } = draft;
    draft = emptyDraft();
    return data.length === 0 ? [] : [{ type: type || 'message', data: data.join('\n'), id }];
  };

  return (piece) => {
    const text = rest + piece;
    // A \r at the end may be the first half of a \r\n.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    return lines.flatMap(takeLine);
  };
};
