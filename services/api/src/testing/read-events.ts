/** Reads an answer of server-sent events as a client would, in the hands of a test. */
import { z } from 'zod';

export interface ReadEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

export interface EventReader {
  status: number;
  headers: Headers;
  /** What has come so far. */
  events: readonly ReadEvent[];
  comments: () => number;
  /** Resolves when the server has ended the stream; rejects when it broke off. */
  ended: Promise<void>;
  close: () => void;
}

const dataSchema = z.record(z.string(), z.unknown());

const parseFrame = (frame: string): ReadEvent | undefined => {
  const field = (name: string): string =>
    frame
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? '';
  if (field('event') === '') return undefined;
  return {
    id: field('id'),
    event: field('event'),
    data: dataSchema.parse(JSON.parse(field('data'))),
  };
};

export const openEvents = async (url: string, headers: Record<string, string>): Promise<EventReader> => {
  const leaving = new AbortController();
  const response = await fetch(url, { headers, signal: leaving.signal });
  const events: ReadEvent[] = [];
  let comments = 0;
  const read = async (): Promise<void> => {
    let rest = '';
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const frames = `${rest}${text}`.split('\n\n');
      rest = frames.pop() ?? '';
      comments += frames.filter((frame) => frame.startsWith(':')).length;
      events.push(...frames.flatMap((frame) => parseFrame(frame) ?? []));
    }
  };
  const ended = read();
  ended.catch(() => undefined);
  return {
    status: response.status,
    headers: response.headers,
    events,
    comments: () => comments,
    ended,
    close: () => leaving.abort(),
  };
};
