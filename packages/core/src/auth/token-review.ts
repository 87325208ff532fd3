/**
 * Asks the API server whether a service account's token is good (TokenReview). It knows what a signature does not tell: that the pod
 * or the account is gone. Answers are remembered for a short time, so that a worker's beat is not a question each second.
 */
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';
import type {
  KubernetesAnswer,
  KubernetesClient,
  KubernetesFailure,
} from '../kubernetes/kubernetes-client.ts';
import type { Logger } from '../ops/logger.ts';
import { systemClock, type Clock } from '../time/clock.ts';
import { createExpiringCache } from './expiring-cache.ts';
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
}

/** @throws AppError `unauthorized`; `identity-unavailable` when the API server gives no answer. */
export type ReviewToken = (token: string) => Promise<ServiceAccountCaller>;

const path = '/apis/authentication.k8s.io/v1/tokenreviews';
const podNameKey = 'authentication.kubernetes.io/pod-name';
const acceptedForMs = 60_000;
const refusedForMs = 5_000;
const longestTokenChars = 8_192;
const defaultRetryAfterSeconds = 2;

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

/** The time after which it is not asked about again without being good: an answer does not outlive its token. */
const expiryMsOf = (token: string): number => {
  try {
    return (decodeJwt(token).exp ?? 0) * 1_000;
  } catch {
    return 0;
  }
};

export const createTokenReviewer = (deps: TokenReviewDeps): ReviewToken => {
  const { client, audience, logger, onReview, clock = systemClock, cacheSize = 1_000 } = deps;
  const accepted = createExpiringCache<ServiceAccountCaller>(cacheSize, clock);
  const refused = createExpiringCache<true>(cacheSize, clock);
  const asking = new Map<string, Promise<ServiceAccountCaller>>();
  let isFailing = false;

  const failed = ({ kind, reason, status, retryAfterSeconds }: KubernetesFailure): AppError => {
    // Once per outage.
    if (!isFailing) logger.warn({ kind, reason, status }, 'tokens cannot be reviewed');
    isFailing = true;
    onReview?.('failed');
    return new AppError('identity-unavailable', 'The API server gives no answer about tokens now.', {
      retryAfterSeconds: retryAfterSeconds ?? defaultRetryAfterSeconds,
    });
  };

  const callerOf = (answer: KubernetesAnswer): ServiceAccountCaller | undefined => {
    if (!answer.ok) throw failed(answer);
    const parsed = reviewSchema.safeParse(answer.body);
    if (!parsed.success) throw failed({ ok: false, kind: 'malformed', reason: 'NoTokenReview' });
    if (isFailing) logger.info('tokens can be reviewed again');
    isFailing = false;
    const { authenticated, audiences, user } = parsed.data.status;
    // An API server that knows nothing of audiences names none: that is a refusal.
    if (!authenticated || !audiences.includes(audience) || user === undefined) return undefined;
    return toServiceAccount(user.username, user.extra[podNameKey]?.[0]);
  };

  const ask = async (token: string): Promise<ServiceAccountCaller> => {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [audience] },
    };
    const caller = callerOf(await client.request({ method: 'POST', path, body }));
    onReview?.(caller === undefined ? 'refused' : 'accepted');
    if (caller === undefined) {
      refused.put(token, true, clock.now() + refusedForMs);
      throw unauthorized();
    }
    accepted.put(token, caller, Math.min(clock.now() + acceptedForMs, expiryMsOf(token)));
    return caller;
  };

  return async (token) => {
    const known = accepted.get(token);
    if (known !== undefined) return known;
    if (token.length > longestTokenChars || refused.get(token) === true) throw unauthorized();
    // Many requests with one token, one question.
    const asked = asking.get(token) ?? ask(token).finally(() => asking.delete(token));
    asking.set(token, asked);
    return asked;
  };
};
