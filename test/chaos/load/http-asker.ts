/** Plain HTTP requests over kept connections, by Node's own client: `fetch` ends the process when a connection breaks off at a bad moment. */
import { Agent, type IncomingMessage, request } from 'node:http';

export interface Ask {
  method?: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  retryAfterSeconds: number;
  body: Buffer;
}

export type HttpAsker = (path: string, ask: Ask) => Promise<Answer>;

/** @throws when the answer breaks off. */
const readAnswer = async (message: IncomingMessage): Promise<Answer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  if (!message.complete) throw new Error('the answer broke off');
  return {
    status: message.statusCode ?? 0,
    retryAfterSeconds: Number(message.headers['retry-after'] ?? 0),
    body: Buffer.concat(chunks),
  };
};

/** @returns rejects when there is no whole answer. */
export const createHttpAsker = (baseUrl: string): HttpAsker => {
  const agent = new Agent({ keepAlive: true });
  return async (path, { method = 'GET', headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const asked = request(`${baseUrl}${path}`, { method, headers, agent, signal }, (message) => {
        readAnswer(message).then(resolve, reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
};
