/** Somebody's receiver of webhooks: a real HTTP server that writes down what came and answers as a test wants. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface WebhookReceiver {
  port: number;
  /** With this path, of 127.0.0.1. */
  url: (path?: string) => string;
  received: Received[];
  /** Connections that were made, whatever came of them. */
  connections: () => number;
  /** From now on answers like this; 204 at first. */
  answerWith: (answer: (res: ServerResponse, request: Received) => void) => void;
  close: () => Promise<void>;
}

const addressSchema = z.object({ port: z.number() });

/** @param port of one that was there before and comes back; usually a free one. */
export const startWebhookReceiver = async (port = 0, host = '127.0.0.1'): Promise<WebhookReceiver> => {
  const received: Received[] = [];
  let connections = 0;
  let answer: (res: ServerResponse, request: Received) => void = (res) => void res.writeHead(204).end();
  const receive = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const request = { path: req.url ?? '', headers: req.headers, body: await text(req) };
    received.push(request);
    answer(res, request);
  };
  const server = createServer((req, res) => {
    void receive(req, res).catch(() => res.destroy());
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { port: given } = addressSchema.parse(server.address());
  return {
    port: given,
    url: (path = '/hook') => `http://127.0.0.1:${given}${path}`,
    received,
    connections: () => connections,
    answerWith: (next) => {
      answer = next;
    },
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

/** Status and headers, and nothing else. */
export const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}) =>
  (res: ServerResponse): void =>
    void res.writeHead(status, headers).end();
