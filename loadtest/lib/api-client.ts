/** Requests to the api, and the patience of a well-behaved client: it waits when asked to, and tries again. */
import { sleep } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import { meaningOf, requestTimeoutSeconds } from './answer.ts';
import type { Ledger } from './ledger.ts';
import type { Settings } from './settings.ts';

export type Answer = RefinedResponse<'text'>;

export interface ApiRequest {
  method?: 'GET' | 'POST';
  /** From the root, with its query. */
  path: string;
  /** Groups the requests in k6's figures: the path without what differs. */
  name: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface ApiClient {
  /** One try. */
  ask: (request: ApiRequest) => Answer;
  /**
   * Asks until it is answered, waiting as the server says; books what came in the way.
   * @returns the answer with a 2xx; another one when no further try would help; undefined when it is `untilMs`.
   */
  askPatiently: (request: ApiRequest, untilMs: number) => Answer | undefined;
}

/** So that those who were turned away together do not come again together. */
const withJitter = (seconds: number): number => seconds + Math.random();

export const createApiClient = ({ baseUrl, token }: Settings, ledger: Ledger): ApiClient => {
  // Back-pressure, and what the smoke test provokes, are not failed requests.
  http.setResponseCallback(http.expectedStatuses({ min: 200, max: 299 }, 401, 404, 409, 422, 429, 503));
  const ask = ({ method = 'GET', path, name, headers, body }: ApiRequest): Answer =>
    http.request(method, `${baseUrl}${path}`, body ?? null, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      tags: { name: `${method} ${name}` },
      timeout: `${requestTimeoutSeconds}s`,
      responseType: 'text',
      redirects: 0,
    });
  const askPatiently = (request: ApiRequest, untilMs: number): Answer | undefined => {
    for (;;) {
      const answer = ask(request);
      const meaning = meaningOf(answer.status, answer.headers['Retry-After']);
      if (meaning.kind === 'later') ledger.askedToWait(answer.status);
      if (meaning.kind === 'broken' || meaning.kind === 'refused') {
        ledger.error();
        console.error(`${request.name}: ${answer.status} ${answer.error || answer.body.slice(0, 200)}`);
      }
      if (meaning.kind === 'ok' || meaning.kind === 'refused') return answer;
      const pauseSeconds = withJitter(meaning.seconds);
      if (Date.now() + pauseSeconds * 1_000 > untilMs) return undefined;
      sleep(pauseSeconds);
    }
  };
  return { ask, askPatiently };
};

/** @returns this member of the body's JSON object; undefined where there is none. */
export const memberOf = (answer: Answer, name: string): unknown => {
  try {
    return answer.json(name);
  } catch {
    return undefined;
  }
};
