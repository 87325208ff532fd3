/**
 * Asks the API server whether a service account's token is good (TokenReview). It knows what a signature does not tell: that the pod
 * or the account is gone. Answers are remembered for a short time, so that a worker's beat is not a question each second; while the
 * API server gives none, its last word on a token holds, so that workers do not lose their jobs to an outage that is none of theirs.
 */
import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';
import { assertNever } from '../errors/assert-never.ts';
import type {
  KubernetesAnswer,
  KubernetesClient,
  KubernetesFailure,
} from '../kubernetes/kubernetes-client.ts';
import type { Logger } from '../ops/logger.ts';
import { systemClock, type Clock } from '../time/clock.ts';
import { createExpiringCache } from './expiring-cache.ts';
import { readPresented } from './presented-token.ts';
import { toServiceAccount, type ServiceAccountCaller } from './service-account.ts';

export interface TokenReviewDeps {
  client: Pick<KubernetesClient, 'request'>;
  audience: string;
  logger: Logger;
  /** Told of each question to the API server. */
  onReview?: (outcome: 'accepted' | 'refused' | 'failed') => void;
  clock?: Clock;
  /** Answers remembered, of each of the two kinds. */
  cacheSize?: number;
  /** Questions at a time about tokens that were never accepted: anybody can make up as many as he likes. */
  maxUnknown?: number;
}

/** @throws AppError `unauthorized` or `forbidden`; `identity-unavailable` when it cannot be told now. */
export type ReviewToken<Caller> = (token: string) => Promise<Caller>;

interface Accepted<Caller> {
  caller: Caller;
  /** Asked about again after this time. */
  freshUntilMs: number;
}

type Verdict =
  | { kind: 'accepted'; caller: ServiceAccountCaller }
  | { kind: 'refused' }
  | { kind: 'failed'; retryAfterSeconds: number };

const path = '/apis/authentication.k8s.io/v1/tokenreviews';
const podNameKey = 'authentication.kubernetes.io/pod-name';
const acceptedForMs = 60_000;
const refusedForMs = 5_000;
const defaultRetryAfterSeconds = 2;
/** Longest that the API server may put off the next question about a token that was accepted. */
const longestPauseMs = 30_000;

const reviewSchema = z.object({
  status: z.object({
    authenticated: z.boolean().default(false),
    audiences: z.array(z.string()).default([]),
    user: z
      .object({
        username: z.string().default(''),
        extra: z.record(z.string(), z.array(z.string())).default({}),
      })
      .optional(),
  }),
});

const unauthorized = (): AppError => new AppError('unauthorized', 'the token is not valid');
const unavailable = (detail: string, retryAfterSeconds: number): AppError =>
  new AppError('identity-unavailable', detail, { retryAfterSeconds });

/**
 * @param read makes of an account what the caller wants to know; what it throws refuses the token. It is asked about what the
 * token says of itself first, so that strangers cost no question, and then about what the API server says.
 */
export const createTokenReviewer = <Caller>(
  deps: TokenReviewDeps,
  read: (account: ServiceAccountCaller) => Caller,
): ReviewToken<Caller> => {
  const { client, audience, logger, onReview, clock = systemClock } = deps;
  const { cacheSize = 1_000, maxUnknown = 16 } = deps;
  const accepted = createExpiringCache<Accepted<Caller>>(cacheSize, clock);
  const refused = createExpiringCache<true>(cacheSize, clock);
  const asking = new Map<string, Promise<Caller>>();
  let unknownUnderWay = 0;
  let isFailing = false;
  /** Until then the last word on a token holds without another question. */
  let pauseUntilMs = 0;

  const noteFailure = (failure: KubernetesFailure): Verdict => {
    const { kind, reason, status, retryAfterSeconds = defaultRetryAfterSeconds } = failure;
    // Once per outage.
    if (!isFailing) logger.warn({ kind, reason, status }, 'tokens cannot be reviewed');
    isFailing = true;
    pauseUntilMs = clock.now() + Math.min(retryAfterSeconds * 1_000, longestPauseMs);
    return { kind: 'failed', retryAfterSeconds };
  };

  const noteAnswer = (): void => {
    if (isFailing) logger.info('tokens can be reviewed again');
    isFailing = false;
    pauseUntilMs = 0;
  };

  const verdictOf = (answer: KubernetesAnswer): Verdict => {
    if (!answer.ok) return noteFailure(answer);
    const parsed = reviewSchema.safeParse(answer.body);
    if (!parsed.success) return noteFailure({ ok: false, kind: 'malformed', reason: 'NoTokenReview' });
    noteAnswer();
    const { authenticated, audiences, user } = parsed.data.status;
    // An API server that knows nothing of audiences names none: that is a refusal.
    if (!authenticated || !audiences.includes(audience) || user === undefined) return { kind: 'refused' };
    return { kind: 'accepted', caller: toServiceAccount(user.username, user.extra[podNameKey]?.[0]) };
  };

  const review = async (token: string): Promise<Verdict> => {
    const spec = { token, audiences: [audience] };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
    const verdict = verdictOf(await client.request({ method: 'POST', path, body }));
    onReview?.(verdict.kind);
    return verdict;
  };

  const accept = (token: string, account: ServiceAccountCaller, expiresAtMs: number): Caller => {
    const caller = read(account);
    const freshUntilMs = Math.min(clock.now() + acceptedForMs, expiresAtMs);
    accepted.put(token, { caller, freshUntilMs }, expiresAtMs);
    return caller;
  };

  const refuse = (token: string): never => {
    accepted.drop(token);
    refused.put(token, true, clock.now() + refusedForMs);
    throw unauthorized();
  };

  const ask = async (token: string, expiresAtMs: number): Promise<Caller> => {
    const verdict = await review(token);
    switch (verdict.kind) {
      case 'accepted':
        return accept(token, verdict.caller, expiresAtMs);
      case 'refused':
        return refuse(token);
      case 'failed': {
        const last = accepted.get(token);
        if (last !== undefined) return last.caller;
        throw unavailable('The API server gives no answer about tokens now.', verdict.retryAfterSeconds);
      }
      default:
        return assertNever(verdict);
    }
  };

  const askAboutUnknown = async (token: string, expiresAtMs: number): Promise<Caller> => {
    if (unknownUnderWay >= maxUnknown) {
      throw unavailable('Too many new tokens are being asked about now.', defaultRetryAfterSeconds);
    }
    unknownUnderWay += 1;
    return ask(token, expiresAtMs).finally(() => {
      unknownUnderWay -= 1;
    });
  };

  const begin = async (token: string, isKnown: boolean): Promise<Caller> => {
    if (refused.get(token) === true) throw unauthorized();
    const { caller, expiresAtMs } = readPresented(token, { audience, nowMs: clock.now() });
    read(caller);
    return isKnown ? ask(token, expiresAtMs) : askAboutUnknown(token, expiresAtMs);
  };

  return async (token) => {
    const known = accepted.get(token);
    if (known !== undefined && clock.now() < Math.max(known.freshUntilMs, pauseUntilMs)) return known.caller;
    // Many requests with one token, one question.
    const asked = asking.get(token) ?? begin(token, known !== undefined).finally(() => asking.delete(token));
    asking.set(token, asked);
    return asked;
  };
};
