/** Sends a request to the api: the token, a time limit for each try, and further tries where one may help. */
import { FactorialError } from '../errors.ts';
import { pause, retryDelayMs } from './pause.ts';
import { toFactorialError } from './to-factorial-error.ts';

export type TokenSource = string | (() => string | Promise<string>);

export interface CallDeps {
  /** With no slash at its end. */
  baseUrl: string;
  /** Undefined: no token is sent. */
  token: TokenSource | undefined;
  fetch: typeof fetch;
  /** For one try, until its answer is read; of a stream, until it begins. */
  timeoutMs: number;
  /** Further tries after the first. */
  retries: number;
  random: () => number;
}

export interface ApiRequest {
  method?: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: URLSearchParams;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  json?: unknown;
  signal?: AbortSignal | undefined;
  /** How long the server was asked to hold the answer back: is added to the time limit. */
  heldMs?: number;
}

/**
 * Every request of the client may be sent again: reading changes nothing, submissions carry a key, and for changes that
 * took effect at the first try `FactorialError.tries` says that there were several.
 * @param read what to make of a good answer; a connection that breaks meanwhile counts as a failed try.
 * @throws FactorialError; the signal's reason.
 */
export type Call = <Value>(
  request: ApiRequest,
  read: (response: Response) => Promise<Value>,
) => Promise<Value>;

/** Longer than this nobody is kept waiting unasked. */
const longestRetryAfterSeconds = 60;

const passing = new Set([0, 429, 502, 503, 504]);

/** Whether the same request may be answered otherwise in a while. */
export const isPassing = ({ status, retryAfterSeconds, code }: FactorialError): boolean =>
  code !== 'wait-timeout' &&
  (passing.has(status) || (status === 409 && retryAfterSeconds !== undefined)) &&
  (retryAfterSeconds ?? 0) <= longestRetryAfterSeconds;

const tokenOf = async (source: TokenSource | undefined): Promise<string | undefined> =>
  typeof source === 'function' ? source() : source;

const urlOf = (deps: CallDeps, { path, query }: ApiRequest): string => {
  const text = query?.toString() ?? '';
  return `${deps.baseUrl}${path}${text === '' ? '' : `?${text}`}`;
};

const initOf = (request: ApiRequest, token: string | undefined, signal: AbortSignal): RequestInit => ({
  method: request.method ?? 'GET',
  headers: {
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...request.headers,
  },
  ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
  signal,
});

/** Fetch says "fetch failed" and hides why in the cause. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0]);
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
};

export const unreachable = (url: string, cause: unknown): FactorialError =>
  new FactorialError(`${url} cannot be reached: ${reasonOf(cause)}`, {
    code: 'unreachable',
    status: 0,
    cause,
  });

const sendOnce = async <Value>(
  deps: CallDeps,
  request: ApiRequest & { token: string | undefined },
  read: (response: Response) => Promise<Value>,
): Promise<Value> => {
  const { signal, token } = request;
  const limitMs = deps.timeoutMs + (request.heldMs ?? 0);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limitMs);
  const url = urlOf(deps, request);
  const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  try {
    const response = await deps.fetch(url, initOf(request, token, either));
    if (!response.ok) throw await toFactorialError(response);
    return await read(response);
  } catch (error) {
    signal?.throwIfAborted();
    if (late.signal.aborted) {
      const message = `${url} did not answer within ${limitMs / 1_000} s`;
      throw new FactorialError(message, { code: 'timeout', status: 0, cause: error });
    }
    throw error instanceof FactorialError ? error : unreachable(url, error);
  } finally {
    clearTimeout(timer);
  }
};

interface Tries {
  /** Sent so far. */
  count: number;
  token: string | undefined;
  /** A token was refused and another one fetched. */
  renewed: boolean;
}

/** A token that is fetched may have expired since: another one gets a chance, once. */
const renewsToken = async (
  { token }: CallDeps,
  tries: Tries,
  { status }: FactorialError,
): Promise<boolean> => {
  if (status !== 401 || tries.renewed || typeof token !== 'function') return false;
  const fresh = await token();
  const isAnother = fresh !== tries.token;
  Object.assign(tries, { token: fresh, renewed: true });
  return isAnother;
};

export const createCall =
  (deps: CallDeps): Call =>
  async (request, read) => {
    const { signal } = request;
    const tries: Tries = { count: 0, token: await tokenOf(deps.token), renewed: false };
    for (;;) {
      signal?.throwIfAborted();
      tries.count += 1;
      try {
        return await sendOnce(deps, { ...request, token: tries.token }, read);
      } catch (error) {
        if (!(error instanceof FactorialError)) throw error;
        error.tries = tries.count;
        if (await renewsToken(deps, tries, error)) continue;
        if (!isPassing(error) || tries.count > deps.retries) throw error;
        await pause(retryDelayMs(tries.count, deps.random(), error.retryAfterSeconds), signal);
      }
    }
  };

/**
 * The body as what the OpenAPI document says it is; the types are made from that document.
 * @throws FactorialError `unexpected-answer` where it is no JSON: something else answers at this address.
 */
export const readJson = async <Value>(response: Response): Promise<Value> => {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `${response.url} answered ${response.status} with something that is no JSON`;
    throw new FactorialError(message, { code: 'unexpected-answer', status: response.status, cause });
  }
};

/** For answers whose body says nothing. */
export const readNothing = async (response: Response): Promise<void> => {
  await response.text();
};
