/** A client's side of a WebSocket, in the hands of a test. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { type ClientOptions, WebSocket } from 'ws';
import { z } from 'zod';

const frameSchema = z.union([
  z.strictObject({ subscribed: z.array(z.string()) }),
  z.strictObject({ unsubscribed: z.array(z.string()) }),
  z.strictObject({
    job: z.string(),
    id: z.string(),
    event: z.string(),
    data: z.looseObject({ attempt: z.number(), at: z.string() }),
  }),
  z.strictObject({
    job: z.string().optional(),
    error: z.looseObject({ status: z.number(), code: z.string(), title: z.string(), detail: z.string() }),
  }),
]);
export type ServerFrame = z.output<typeof frameSchema>;
export type EventFrame = Extract<ServerFrame, { event: string }>;

export interface TestSocket {
  ws: WebSocket;
  /** What has come so far. */
  frames: readonly ServerFrame[];
  /** Sent as JSON. */
  say: (frame: unknown) => void;
  /** Of one job, or of all. */
  events: (job?: string) => EventFrame[];
  /** Their kinds, in one line. */
  kinds: (job?: string) => string;
  /** Codes of the errors. */
  errors: () => string[];
  until: (isSo: () => boolean, what: string) => Promise<unknown>;
  closed: Promise<{ code: number; reason: string }>;
}

/** Every header of its own. */
const unasked = { perMessageDeflate: false, handshakeTimeout: 10_000 };

const watch = (ws: WebSocket): TestSocket => {
  const frames: ServerFrame[] = [];
  const closing = Promise.withResolvers<{ code: number; reason: string }>();
  ws.on('message', (data) => {
    if (Buffer.isBuffer(data)) frames.push(frameSchema.parse(JSON.parse(data.toString())));
  });
  ws.on('error', () => undefined);
  ws.on('close', (code, reason) => closing.resolve({ code, reason: reason.toString() }));
  const events = (job?: string): EventFrame[] =>
    frames.filter((frame) => 'event' in frame).filter((frame) => job === undefined || frame.job === job);
  return {
    ws,
    frames,
    say: (frame) => ws.send(JSON.stringify(frame)),
    events,
    kinds: (job) =>
      events(job)
        .map(({ event }) => event)
        .join(' '),
    errors: () => frames.flatMap((frame) => ('error' in frame ? [frame.error.code] : [])),
    until: async (isSo, what) => waitUntil(isSo, { what }),
    closed: closing.promise,
  };
};

/** @throws when it is refused. */
export const openSocket = async (url: string, options: ClientOptions = {}): Promise<TestSocket> => {
  const ws = new WebSocket(url, { ...unasked, ...options });
  const socket = watch(ws);
  await once(ws, 'open');
  return socket;
};

export interface Refusal {
  status: number;
  headers: IncomingMessage['headers'];
  body: unknown;
}

/** The answer in place of a WebSocket. @throws when it is opened. */
export const refusalOf = async (url: string, options: ClientOptions = {}): Promise<Refusal> => {
  const ws = new WebSocket(url, { ...unasked, ...options });
  ws.on('error', () => undefined);
  const opened = once(ws, 'open').then(() => {
    ws.terminate();
    throw new Error('it was opened');
  });
  const refused = new Promise<Refusal>((resolve, reject) => {
    ws.on('unexpected-response', (_req, res: IncomingMessage) => {
      text(res).then(
        (body) =>
          resolve({ status: res.statusCode ?? 0, headers: res.headers, body: JSON.parse(body) as unknown }),
        reject,
      );
    });
  });
  return Promise.race([refused, opened]);
};
