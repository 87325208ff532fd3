/** The worker's view of the api: what it asks and tells, in batches where many jobs do so at once. */
import {
  type AttemptRef,
  type ClaimOutcome,
  claimsResponseSchema,
  type Heartbeat,
  type HeartbeatAnswer,
  heartbeatResponseSchema,
  type Outcome,
  type OutcomeAnswer,
  outcomesResponseSchema,
  type ProgressUpdate,
} from '@factorial/core/internal/protocol';
import type { Logger } from '@factorial/core/ops/logger';
import type { TaskDefinition } from '@factorial/core/tasks/task-definition';
import { createBatcher } from './batcher.ts';
import { type InternalHttp, type InternalRequest, RefusedError, retryPassing } from './internal-http.ts';

/** What is claimed: a delivery of a message. */
export interface Claim {
  id: string;
  nonce: string;
  redelivered: boolean;
}

export interface Upload {
  ref: AttemptRef;
  body: Buffer;
  mediaType: string;
}

export interface InternalClient {
  /** Asks until there is an answer, with the same nonce. @throws when `signals.claims` has aborted. */
  claim: (claim: Claim) => Promise<ClaimOutcome>;
  /** Tells until there is an answer; `refused` when the api cannot take this outcome. @throws when `signals.reports` has aborted. */
  report: (outcome: Outcome) => Promise<OutcomeAnswer | 'refused'>;
  /** Brings an output over, gzipped; the outcome then refers to it. @throws RefusedError, or when `signals.reports` has aborted. */
  upload: (upload: Upload) => Promise<void>;
  /** One try. */
  progress: (updates: readonly ProgressUpdate[]) => Promise<void>;
  /** One try. */
  beat: (heartbeat: Heartbeat) => Promise<HeartbeatAnswer>;
  /** One try: this worker is no more. */
  leave: (pool: string) => Promise<void>;
  /** One try. */
  announce: (definition: TaskDefinition) => Promise<void>;
}

export interface InternalClientDeps {
  http: InternalHttp;
  workerId: string;
  pool: string;
  /** When to stop trying. */
  signals: { claims: AbortSignal; reports: AbortSignal };
  random: () => number;
  gzip: (body: Buffer) => Promise<Buffer>;
  logger: Logger;
}

const base = '/internal/v1';
const batchTimeoutMs = 5_000;
const smallTimeoutMs = 2_000;
const uploadTimeoutMs = 30_000;
/** Outcomes are sent together up to this many bytes; the largest that is not uploaded fits in alone. */
const maxBatchBytes = 512 * 1_024;

const sizeOf = (outcome: Outcome): number =>
  outcome.result !== 'done'
    ? 512
    : 256 +
      (typeof outcome.output === 'string' ? outcome.output.length : JSON.stringify(outcome.output).length);

const json = (method: 'POST' | 'PUT', path: string, value: unknown): InternalRequest => ({
  method,
  path: `${base}${path}`,
  body: JSON.stringify(value),
  timeoutMs: smallTimeoutMs,
});

/** An item that the api does not take must not keep the others of its batch from being taken. */
const apart = async <Item, Answer>(
  items: readonly Item[],
  send: (items: readonly Item[]) => Promise<readonly Answer[]>,
  refused: (error: RefusedError) => Answer,
): Promise<readonly Answer[]> => {
  try {
    return await send(items);
  } catch (thrown) {
    if (!(thrown instanceof RefusedError)) throw thrown;
    if (items.length === 1) return [refused(thrown)];
    const answers = await Promise.all(items.map(async (item) => apart([item], send, refused)));
    return answers.flat();
  }
};

export const createInternalClient = (deps: InternalClientDeps): InternalClient => {
  const { http, workerId, signals, random, logger } = deps;

  const workerPath = `${base}/workers/${encodeURIComponent(workerId)}`;

  const insist = async (request: InternalRequest, signal: AbortSignal): Promise<unknown> =>
    retryPassing(async () => http.request(request), {
      signal,
      random,
      onFailure: (err) => logger.warn({ err, path: request.path }, 'request to the api failed, trying again'),
    });

  const sendClaims = async (deliveries: readonly Claim[]): Promise<readonly ClaimOutcome[]> => {
    const request = {
      ...json('POST', '/claims', { worker: workerId, pool: deps.pool, deliveries }),
      timeoutMs: batchTimeoutMs,
    };
    return claimsResponseSchema.parse(await insist(request, signals.claims)).claims;
  };

  const sendOutcomes = async (outcomes: readonly Outcome[]): Promise<readonly OutcomeAnswer[]> => {
    const request = { ...json('POST', '/outcomes', { outcomes }), timeoutMs: batchTimeoutMs };
    return outcomesResponseSchema.parse(await insist(request, signals.reports)).answers;
  };

  const claims = createBatcher<Claim, ClaimOutcome>({
    send: async (items) =>
      apart<Claim, ClaimOutcome>(items, sendClaims, (err) => {
        // Only what is wrong with this one claim is a reason to drop its message; a wrong address or version is not.
        if (err.status !== 400 && err.status !== 422) throw err;
        logger.error({ err }, 'claim refused');
        return { outcome: 'gone' };
      }),
  });

  const outcomes = createBatcher<Outcome, OutcomeAnswer | 'refused'>({
    send: async (items) =>
      apart<Outcome, OutcomeAnswer | 'refused'>(items, sendOutcomes, (err) => {
        logger.error({ err }, 'outcome refused');
        return 'refused';
      }),
    maxBytes: maxBatchBytes,
    sizeOf,
  });

  return {
    claim: async (claim) => claims.add(claim),
    report: async (outcome) => outcomes.add(outcome),
    upload: async ({ ref, body, mediaType }) => {
      const headers = {
        'content-type': mediaType,
        'content-encoding': 'gzip',
        'x-attempt-token': ref.token,
      };
      const path = `${base}/jobs/${encodeURIComponent(ref.id)}/output?attempt=${ref.attempt}`;
      const packed = await deps.gzip(body);
      await insist(
        { method: 'PUT', path, body: packed, headers, timeoutMs: uploadTimeoutMs },
        signals.reports,
      );
    },
    progress: async (progress) => {
      await http.request(json('POST', '/progress', { progress }));
    },
    beat: async (heartbeat) =>
      heartbeatResponseSchema.parse(await http.request({ ...json('PUT', '', heartbeat), path: workerPath })),
    leave: async (pool) => {
      const path = `${workerPath}?pool=${encodeURIComponent(pool)}`;
      await http.request({ method: 'DELETE', path, timeoutMs: smallTimeoutMs });
    },
    announce: async (definition) => {
      await http.request(json('PUT', `/tasks/${definition.name}`, definition));
    },
  };
};
