/** One HTTP call that answers JSON, or says in a few words why it did not. Never throws; its words carry no URL, header or body. */
import { readText } from '@factorial/core/http/read-text';
import { request, type Dispatcher } from 'undici';

export type HttpAnswer = { ok: true; body: unknown } | { ok: false; reason: string };

export interface HttpCall {
  url: string;
  headers?: Record<string, string>;
  /** Sent as JSON; makes it a POST. */
  body?: unknown;
  /** Ends the call; the caller puts its time limit in here. */
  signal: AbortSignal;
}

export type RequestJson = (call: HttpCall) => Promise<HttpAnswer>;

/** A queue or a pool is told in far less; more is somebody else's answer. */
const mostBytes = 4 * 1_024 * 1_024;

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : 'no connection';

const whyItFailed = (thrown: unknown, signal: AbortSignal): string =>
  signal.aborted ? 'no answer in time' : `unreachable (${codeOf(thrown)})`;

const optionsOf = ({ headers, body, signal }: HttpCall) =>
  body === undefined
    ? ({ method: 'GET', signal, headers: { accept: 'application/json', ...headers } } as const)
    : ({
        method: 'POST',
        signal,
        headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      } as const);

const parse = (text: string): HttpAnswer => {
  try {
    return { ok: true, body: JSON.parse(text) };
  } catch {
    return { ok: false, reason: 'the answer is not JSON' };
  }
};

const toAnswer = async ({ statusCode, body }: Dispatcher.ResponseData): Promise<HttpAnswer> => {
  if (statusCode < 200 || statusCode > 299) {
    await body.dump();
    return { ok: false, reason: `answered ${statusCode}` };
  }
  const text = await readText(body, mostBytes);
  return text === undefined ? { ok: false, reason: 'the answer is too long' } : parse(text);
};

export const createRequestJson =
  (dispatcher: Dispatcher): RequestJson =>
  async (call) => {
    try {
      return await toAnswer(await request(call.url, { ...optionsOf(call), dispatcher }));
    } catch (thrown) {
      return { ok: false, reason: whyItFailed(thrown, call.signal) };
    }
  };
