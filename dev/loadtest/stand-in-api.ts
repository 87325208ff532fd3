/** Answers the article's routes as an api would, or with one fault: shows that the load test notices it. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export type Fault =
  | 'none'
  | 'wrong digit'
  | 'forgotten job'
  | 'job without an end'
  | 'failed job'
  | 'strange id'
  | 'slow submission'
  | 'fault once'
  | 'busy once'
  | 'always busy';

export interface StandInApi {
  url: string;
  /** The idempotency keys of all submissions, in their order. */
  keys: readonly string[];
  stop: () => Promise<void>;
}

/** The one number that can be asked for. */
export const knownN = 10;
const factorialOfKnownN = '3628800';

export const slowMs = 300;

interface Answer {
  status: number;
  text: string;
  headers?: Record<string, string>;
}

const ok = (text: string): Answer => ({ status: 200, text });
const busy: Answer = { status: 503, text: '{}', headers: { 'retry-after': '0' } };

const submit = async (fault: Fault, timesSeen: number): Promise<Answer> => {
  if (fault === 'slow submission') await delay(slowMs);
  if (fault === 'always busy' || (fault === 'busy once' && timesSeen === 1)) return busy;
  if (fault === 'fault once' && timesSeen === 1) return { status: 500, text: '{}' };
  return ok(fault === 'strange id' ? '17' : randomUUID());
};

const look = (fault: Fault): Answer => {
  const result = { input: knownN, output: factorialOfKnownN, status: 'done' };
  if (fault === 'forgotten job') return { status: 404, text: '{}' };
  if (fault === 'wrong digit') return ok(JSON.stringify({ ...result, output: '3628801' }));
  if (fault === 'failed job') return ok(JSON.stringify({ ...result, output: '', status: 'failed' }));
  if (fault === 'job without an end')
    return ok(JSON.stringify({ ...result, output: '', status: 'processing' }));
  return ok(JSON.stringify(result));
};

const createAnswers = (fault: Fault, keys: string[]) => async (req: IncomingMessage) => {
  const { pathname } = new URL(req.url ?? '/', 'http://127.0.0.1');
  if (pathname === '/factorial/result') return look(fault);
  if (pathname !== '/factorial') return ok('{}');
  const key = String(req.headers['idempotency-key']);
  keys.push(key);
  return submit(fault, keys.filter((seen) => seen === key).length);
};

const send = (res: ServerResponse, { status, text, headers }: Answer): void => {
  res.writeHead(status, headers);
  res.end(text);
};

export const startStandInApi = async (fault: Fault): Promise<StandInApi> => {
  const keys: string[] = [];
  const answerTo = createAnswers(fault, keys);
  const server = createServer((req, res) => {
    void answerTo(req).then((answer) => send(res, answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${address.port}`, keys, stop };
};
