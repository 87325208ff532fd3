/** Requests to the api's internal port: token, time limits, and what a failure means. */
import { toError } from '@factorial/core/errors/to-error';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { retryDelayMs } from '@factorial/core/time/backoff';
import { Pool } from 'undici';
import type { TokenFile } from './token-file.ts';

export interface InternalRequest {
  method: 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: string | Buffer;
  headers?: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** The api has understood the request and does not take it: the same request again would not help. */
export class RefusedError extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(`the api answered ${status}: ${detail}`);
    this.name = 'RefusedError';
    this.status = status;
  }
}

export interface InternalHttp {
  /** @returns the answer's body, parsed. @throws RefusedError; any other error is worth another try. */
  request: (request: InternalRequest) => Promise<unknown>;
  close: () => Promise<void>;
}

/** Our own token may be renewed in a moment, so a refused one is no lasting refusal. */
const passingStatuses = new Set([401, 403, 408, 425, 429]);

const fault = (status: number, text: string): Error =>
  status < 500 && !passingStatuses.has(status)
    ? new RefusedError(status, text.slice(0, 500))
    : new Error(`the api answered ${status}`);

export const createInternalHttp = (url: string, token: TokenFile): InternalHttp => {
  const pool = new Pool(url, { connections: 8, connect: { timeout: 2_000 }, keepAliveTimeout: 30_000 });
  return {
    request: async ({ method, path, body, headers, timeoutMs }) => {
      const { statusCode, body: answer } = await pool.request({
        method,
        path,
        body: body ?? null,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await token.read()}`,
          ...headers,
        },
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await answer.text();
      if (statusCode === 401 || statusCode === 403) token.distrust();
      if (statusCode >= 300) throw fault(statusCode, text);
      return text === '' ? undefined : JSON.parse(text);
    },
    close: async () => pool.destroy(),
  };
};

const retryPace = { baseMs: 50, ceilingMs: 2_000 };

export interface RetryOptions {
  /** Aborted: no further try. */
  signal: AbortSignal;
  random: () => number;
  onFailure: (error: Error) => void;
}

/** Tries until it is done, refused or given up, with full jitter between. @throws the last error. */
export const retryPassing = async <Answer>(
  work: () => Promise<Answer>,
  options: RetryOptions,
): Promise<Answer> => {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof RefusedError || options.signal.aborted) throw thrown;
      options.onFailure(toError(thrown));
      const isSlept = await sleep(retryDelayMs(failures, options.random(), retryPace), options.signal);
      if (!isSlept) throw thrown;
    }
  }
};
