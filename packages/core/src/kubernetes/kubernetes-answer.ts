/** What came of a call to the Kubernetes API: an object, or what kept us from one. */
import { z } from 'zod';
import { toError } from '../errors/to-error.ts';

export interface KubernetesFailure {
  ok: false;
  /**
   * `status`: the API server refused. `unreachable`: no answer, or the call was ended. `timeout`: no answer in time.
   * `malformed`: an answer that is no JSON, or too long. `no-token`: nothing to show to the API server.
   */
  kind: 'status' | 'unreachable' | 'timeout' | 'malformed' | 'no-token';
  /** HTTP status, where one came. */
  status?: number;
  /** One word: the API server's own (`Conflict`, `NotFound`), or what broke (`ECONNREFUSED`). */
  reason: string;
  /** For a log: never holds a token. */
  message?: string;
  /** When the API server wants to be asked again. */
  retryAfterSeconds?: number;
}

/** `body` is parsed by who asked; it is null where the answer was empty (204). */
export type KubernetesAnswer = { ok: true; status: number; body: unknown } | KubernetesFailure;

const longestMessage = 500;
const longestRetrySeconds = 3_600;

/** The API's own description of a failure (kind `Status`); anything else is no reason to fail over. */
const statusSchema = z.object({
  kind: z.literal('Status'),
  reason: z
    .string()
    .regex(/^\w{1,64}$/)
    .optional()
    .catch(undefined),
  message: z.string().optional().catch(undefined),
  details: z
    .object({ retryAfterSeconds: z.number().positive().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** For answers that do not come from the API server itself but from what stands before it. */
const reasonOfStatus: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

export const failure = (
  kind: KubernetesFailure['kind'],
  reason: string,
  message?: string,
): KubernetesFailure => ({
  ok: false,
  kind,
  reason,
  ...(message === undefined ? {} : { message: message.slice(0, longestMessage) }),
});

const parseJson = (text: string): { value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
};

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Seconds, or a date (RFC 9110, section 10.2.3). */
const retryAfterOf = (headers: Headers): number | undefined => {
  const header = headers['retry-after'];
  if (typeof header !== 'string') return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
};

interface Received {
  status: number;
  headers: Headers;
  /** Absent when it was longer than may be. */
  text: string | undefined;
}

const refusalOf = ({ status, headers, text = '' }: Received): KubernetesFailure => {
  const told = statusSchema.safeParse(parseJson(text)?.value).data;
  const retryAfter = told?.details?.retryAfterSeconds ?? retryAfterOf(headers);
  const reason = told?.reason ?? reasonOfStatus[status] ?? `Http${status}`;
  return {
    ...failure('status', reason, told?.message),
    status,
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: Math.min(retryAfter, longestRetrySeconds) }),
  };
};

export const answerOf = (received: Received): KubernetesAnswer => {
  const { status, text } = received;
  if (status < 200 || status > 299) return refusalOf(received);
  if (text === undefined) return { ...failure('malformed', 'TooLong', 'the answer is too long'), status };
  if (status === 204) return { ok: true, status, body: null };
  const parsed = parseJson(text);
  if (parsed === undefined) return { ...failure('malformed', 'NoJson', 'the answer is no JSON'), status };
  return { ok: true, status, body: parsed.value };
};

const timeoutCodes = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** A call that gave no answer at all. */
export const brokenCall = (thrown: unknown): KubernetesFailure => {
  const error = toError(thrown);
  const code = codeOf(error);
  if (error.name === 'TimeoutError' || (code !== undefined && timeoutCodes.has(code))) {
    return failure('timeout', 'Timeout', 'no answer in time');
  }
  if (error.name === 'AbortError') return failure('unreachable', 'Aborted', 'the call was ended');
  // A parser's message would quote what it could not read.
  if (error.name === 'HTTPParserError') return failure('malformed', 'NoHttp', 'the answer is no HTTP');
  return failure('unreachable', code ?? error.name, error.message);
};
