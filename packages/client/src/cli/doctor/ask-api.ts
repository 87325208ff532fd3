/** Asks who is there: the one request that needs no token and tells name, version and time. */

export type Answered =
  | { kind: 'unreachable'; reason: string }
  /** Something answered, and it is not ours. */
  | { kind: 'stranger'; status: number; what: string }
  | {
      kind: 'ours';
      /** Of the interface. */
      version: string;
      tookMs: number;
      /** Its clock less ours, ms; undefined where it sends no date. */
      aheadMs: number | undefined;
    };

export interface AskApiDeps {
  apiUrl: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** Ms since the epoch. */
  now: () => number;
}

/** The header has whole seconds, cut off: on average it is half of one behind. */
const cutOffMs = 500;

const aheadOf = ({ headers }: Response, beganMs: number, endedMs: number): number | undefined => {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? undefined : date + cutOffMs - (beganMs + endedMs) / 2;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** @returns the version; undefined where this is not our document. */
const versionIn = (text: string): string | undefined => {
  try {
    const document: unknown = JSON.parse(text);
    if (!isObject(document) || !isObject(document['info']) || !isObject(document['paths'])) return undefined;
    const isOurs = document['info']['title'] === 'factorial' && '/v1/jobs' in document['paths'];
    return isOurs ? String(document['info']['version']) : undefined;
  } catch {
    return undefined;
  }
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause: unknown = error.cause instanceof AggregateError ? error.cause.errors[0] : error.cause;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
};

export const askApi = async ({ apiUrl, timeoutMs, signal, now }: AskApiDeps): Promise<Answered> => {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const beganMs = now();
    const response = await fetch(`${apiUrl.replace(/\/+$/, '')}/openapi.json`, { signal: limit });
    const endedMs = now();
    const version = versionIn(await response.text());
    if (version === undefined) {
      const what = response.headers.get('content-type') ?? 'something without a type';
      return { kind: 'stranger', status: response.status, what };
    }
    const aheadMs = aheadOf(response, beganMs, endedMs);
    return { kind: 'ours', version, tookMs: endedMs - beganMs, aheadMs };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'unreachable', reason: reasonOf(error) };
  }
};
