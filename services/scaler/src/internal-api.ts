/** The api's internal port as the scaler uses it: the pool's report, and the request that workers drain. */
import { readFile } from 'node:fs/promises';
import {
  drainResponseSchema,
  poolResponseSchema,
  type PoolReport,
  type ScalerStatement,
} from '@factorial/core/internal/protocol';
import type { HttpAnswer, RequestJson } from './request-json.ts';
import { unknown, type Reading } from './readings/reading.ts';

export interface InternalApiDeps {
  requestJson: RequestJson;
  internalUrl: string;
  /** Read at each call: a projected token is replaced every few minutes. */
  tokenFile: string;
  pool: string;
  timeoutMs: number;
  now: () => number;
}

export interface DrainRequest {
  workers: readonly string[];
  /** The request lapses after this time; 0 takes an earlier request back. */
  ttlSeconds: number;
}

export interface InternalApi {
  readPool(stop: AbortSignal): Promise<Reading<PoolReport>>;
  /** @returns the ids that were asked, or why they were not. */
  drain(request: DrainRequest, stop: AbortSignal): Promise<Reading<readonly string[]>>;
}

/** What is told to the api, not asked of it. */
export interface InternalApiClient extends InternalApi {
  /** Tells the api what was decided; it shows it to who asks. A failure is of no consequence: the next tick tells again. */
  state(statement: ScalerStatement, stop: AbortSignal): Promise<void>;
}

const readToken = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined;
  } catch {
    return undefined;
  }
};

interface InternalCall {
  path: string;
  body?: unknown;
  stop: AbortSignal;
}

const call = async (deps: InternalApiDeps, { path, body, stop }: InternalCall): Promise<HttpAnswer> => {
  const token = await readToken(deps.tokenFile);
  if (token === undefined) return { ok: false, reason: 'the token file cannot be read' };
  return deps.requestJson({
    url: `${deps.internalUrl.replace(/\/+$/, '')}/internal/v1/pools/${encodeURIComponent(deps.pool)}${path}`,
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.any([stop, AbortSignal.timeout(deps.timeoutMs)]),
    ...(body === undefined ? {} : { body }),
  });
};

const toPoolReading = (answer: HttpAnswer, { pool, now }: InternalApiDeps): Reading<PoolReport> => {
  if (!answer.ok) return unknown(answer.reason);
  const parsed = poolResponseSchema.safeParse(answer.body);
  if (!parsed.success) return unknown('the report is not well formed');
  return parsed.data.pool === pool
    ? { ok: true, value: parsed.data, at: now() }
    : unknown('the report is of another pool');
};

const toDrained = (answer: HttpAnswer, { now }: InternalApiDeps): Reading<readonly string[]> => {
  if (!answer.ok) return unknown(answer.reason);
  const parsed = drainResponseSchema.safeParse(answer.body);
  return parsed.success
    ? { ok: true, value: parsed.data.draining, at: now() }
    : unknown('the answer is not well formed');
};

export const createInternalApi = (deps: InternalApiDeps): InternalApiClient => ({
  readPool: async (stop) => toPoolReading(await call(deps, { path: '', stop }), deps),
  drain: async (request, stop) => toDrained(await call(deps, { path: '/drain', body: request, stop }), deps),
  state: async (statement, stop) => {
    await call(deps, { path: '/scaler', body: statement, stop });
  },
});
