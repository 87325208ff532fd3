/** One HTTP request to the api: the bearer token on it, a time limit, and errors of one kind. */
import { type ApiError, toApiError, unreachable, unreadable } from './api-error.ts';

export interface RequestDeps {
  token: string;
  fetch: typeof fetch;
  /** Told of a 401 on any request: the token is worth nothing any more. */
  onUnauthorized: (error: ApiError) => void;
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
  /** Until the answer begins and, but for streams, ends. Default: 20 s. `Infinity`: none. */
  timeoutMs?: number;
}

/** What parses an answer: a zod schema. */
export interface AnswerSchema<Value> {
  safeParse(value: unknown): { success: true; data: Value } | { success: false };
}

const usualTimeoutMs = 20_000;

const signalFor = ({ signal, timeoutMs = usualTimeoutMs }: RequestOptions): AbortSignal | null => {
  const limits = Number.isFinite(timeoutMs) ? [AbortSignal.timeout(timeoutMs)] : [];
  const signals = signal === undefined ? limits : [signal, ...limits];
  return signals.length === 0 ? null : AbortSignal.any(signals);
};

const initFor = (token: string, options: RequestOptions): RequestInit => ({
  method: options.method ?? 'GET',
  headers: {
    ...options.headers,
    authorization: `Bearer ${token}`,
    ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
  },
  ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  signal: signalFor(options),
  cache: 'no-store',
  credentials: 'omit',
});

/** Whoever asked has gone: nobody wants to hear of it as a fault. */
const throwUnlessAborted = (thrown: unknown, signal: AbortSignal | undefined): never => {
  if (signal?.aborted === true) throw thrown;
  throw unreachable();
};

export interface Request {
  /** @throws ApiError when there is no answer or it is not 2xx; the reason of `signal` when that is aborted. */
  (path: string, options?: RequestOptions): Promise<Response>;
}

export const createRequest =
  ({ token, fetch, onUnauthorized }: RequestDeps): Request =>
  async (path, options = {}) => {
    const answer = await fetch(path, initFor(token, options)).catch((thrown: unknown) =>
      throwUnlessAborted(thrown, options.signal),
    );
    if (answer.ok) return answer;
    const error = await toApiError(answer);
    if (error.status === 401) onUnauthorized(error);
    throw error;
  };

export const createReadJson =
  (request: Request) =>
  async <Value>(schema: AnswerSchema<Value>, path: string, options: RequestOptions = {}): Promise<Value> => {
    const answer = await request(path, options);
    const body = await answer.json().catch((thrown: unknown) => {
      if (thrown instanceof SyntaxError) throw unreadable(path);
      return throwUnlessAborted(thrown, options.signal);
    });
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw unreadable(path);
    return parsed.data;
  };
