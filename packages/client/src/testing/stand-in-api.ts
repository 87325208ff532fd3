/** An HTTP server that answers as a test says, and keeps what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Answer = (asked: Asked, res: ServerResponse) => void | Promise<void>;

export interface StandInApi {
  url: string;
  asked: Asked[];
  /** The next request gets the first of these, and so on; the last one stays. */
  answers: Answer[];
  close: () => Promise<void>;
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, res) => {
    res.writeHead(status, { 'content-type': 'application/json', ...headers });
    res.end(JSON.stringify(body));
  };

export const problem = (status: number, code: string, more: object = {}): Answer =>
  json(
    status,
    {
      type: `/docs/errors#${code}`,
      title: code,
      status,
      detail: `it is ${code}`,
      instance: '/',
      code,
      ...more,
    },
    { 'content-type': 'application/problem+json', 'x-request-id': 'r-1' },
  );

/** Breaks the connection without an answer. */
export const breakOff: Answer = (_, res) => {
  res.destroy();
};

export const silence: Answer = () => undefined;

/** @param end how the stream ends: in good order, by a broken connection, or not at all. */
export const stream =
  (events: readonly string[], end: 'ends' | 'breaks' | 'stays' = 'ends'): Answer =>
  (_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.flushHeaders();
    for (const event of events) res.write(event);
    if (end === 'ends') res.end();
    // What was written has to be on its way first.
    if (end === 'breaks') setTimeout(() => res.destroy(), 20);
  };

export const event = (id: string, type: string, data: object = {}): string =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ attempt: 1, at: '2025-01-01T00:00:00.000Z', ...data })}\n\n`;

export const startStandInApi = async (...answers: Answer[]): Promise<StandInApi> => {
  const asked: Asked[] = [];
  const remaining = [...answers];
  const server = createServer((req, res) => {
    const answer = async (): Promise<void> => {
      const body = await text(req);
      const one = { method: req.method ?? '', path: req.url ?? '', headers: req.headers, body };
      asked.push(one);
      const [next] = remaining.length > 1 ? remaining.splice(0, 1) : remaining;
      await next?.(one, res);
    };
    answer().catch((error: unknown) => res.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answers: remaining,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
