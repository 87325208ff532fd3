/**
 * One POST to a webhook's target. It connects to the addresses that were looked at and to no others, follows no redirect, reads
 * next to nothing of the answer's body, and ends in time.
 */
import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { toError } from '@factorial/core/errors/to-error';
import { Client } from 'undici';
import { addressesOf, type ResolveName, type TargetPolicy, TargetRefusedError } from './target.ts';

export interface PostWebhookDeps {
  policy: TargetPolicy;
  resolve: ResolveName;
  /** For all of it: the name, the connection, the answer's head. */
  timeoutMs?: number;
}

export interface WebhookRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Ends it early. */
  signal: AbortSignal;
}

export type PostResult =
  | { kind: 'answered'; status: number; retryAfter?: string }
  /** The target may not be called. */
  | { kind: 'refused'; reason: string }
  /** No answer, for this reason. */
  | { kind: 'unanswered'; reason: string };

export type PostWebhook = (request: WebhookRequest) => Promise<PostResult>;

/** Under the lease of a delivery by far. */
const longestMs = 10_000;
const connectMs = 5_000;
/** Of the answer's body, so that the target can end it in good order. */
const bodyReadBytes = 16_384;
const bodyReadMs = 1_000;

/** Answers with the addresses that were looked at, whatever is asked. */
const lookupOf =
  (addresses: readonly string[]): LookupFunction =>
  (_hostname, options, answer) => {
    const found: LookupAddress[] = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = found;
    if (options.all === true) answer(null, found);
    else if (first === undefined) answer(new Error('no address'), '', 0);
    else answer(null, first.address, first.family);
  };

/** A connection each: no target keeps one open here. The request's signal ends what takes too long. */
const createClient = (url: URL, addresses: readonly string[]): Client =>
  new Client(url.origin, {
    connect: { lookup: lookupOf(addresses), timeout: connectMs },
    pipelining: 0,
    headersTimeout: 0,
    bodyTimeout: 0,
  });

/** @throws the signal's reason when it comes first. */
const unlessAborted = async <Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> => {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(toError(signal.reason));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

const headerOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/** What may come before the answer (1xx). Who sends more wants to be read, and not to answer. */
const mostInterim = 8;

class InterimAnswersError extends Error {
  override readonly name = 'InterimAnswersError';
}

const createInterimLimit = (): { onInfo: () => void; signal: AbortSignal } => {
  const over = new AbortController();
  let count = 0;
  return {
    onInfo: () => {
      count += 1;
      if (count > mostInterim) over.abort(new InterimAnswersError('interim answers without end'));
    },
    signal: over.signal,
  };
};

const exchange = async (
  client: Client,
  { path, request, signal }: { path: string; request: WebhookRequest; signal: AbortSignal },
): Promise<PostResult> => {
  const { headers, body } = request;
  const interim = createInterimLimit();
  const answer = await client.request({
    method: 'POST',
    path,
    headers,
    body,
    signal: AbortSignal.any([signal, interim.signal]),
    onInfo: interim.onInfo,
  });
  const ending = AbortSignal.any([signal, AbortSignal.timeout(bodyReadMs)]);
  // The answer is what its head says, however its body ends.
  await answer.body.dump({ limit: bodyReadBytes, signal: ending }).catch(() => undefined);
  const retryAfter = headerOf(answer.headers['retry-after']);
  return { kind: 'answered', status: answer.statusCode, ...(retryAfter === undefined ? {} : { retryAfter }) };
};

const codeOf = (error: Error): string => {
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : error.name;
};

/** A stable word for each way in which a target does not answer; the client's own words are not for its owner. */
const toResult = (thrown: unknown, timedOut: boolean): PostResult => {
  const error = toError(thrown);
  if (error instanceof TargetRefusedError) return { kind: 'refused', reason: error.message };
  if (timedOut) return { kind: 'unanswered', reason: 'no answer in time' };
  return { kind: 'unanswered', reason: `no answer (${codeOf(error)})` };
};

/** Never throws. */
export const createPostWebhook =
  ({ policy, resolve, timeoutMs = longestMs }: PostWebhookDeps): PostWebhook =>
  async (request) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([request.signal, timeout]);
    try {
      const url = new URL(request.url);
      const addresses = await unlessAborted(addressesOf(url, { policy, resolve }), signal);
      const client = createClient(url, addresses);
      try {
        return await exchange(client, { path: `${url.pathname}${url.search}`, request, signal });
      } finally {
        await client.destroy();
      }
    } catch (thrown) {
      return toResult(thrown, timeout.aborted);
    }
  };
