/** Decides whether a bearer token is genuine, meant for us and still good, and whose it is. */
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { AppError } from '../errors/app-error.ts';
import { systemClock, type Clock } from '../time/clock.ts';
import { createExpiringCache } from './expiring-cache.ts';
import type { TokenKeys } from './token-keys.ts';
import { clockToleranceSeconds, longestTokenChars } from './token-limits.ts';
import type { VerificationKey } from './verification-keys.ts';

/** The one worker that a token may speak for. */
export interface WorkerBinding {
  worker: string;
  pool: string;
}

export interface VerifiedToken {
  /** The claim `sub`: owner of the jobs it makes. */
  subject: string;
  scopes: ReadonlySet<string>;
  /** Ms since the epoch: it is refused from then on, `exp` and the tolerance. Absent where nobody asks: service accounts. */
  goodUntilMs?: number;
  /** Absent: bound to nothing, as tokens of a shared key are. */
  binding?: WorkerBinding;
}

export interface TokenVerifierOptions {
  /** Name their issuer too. */
  keys: TokenKeys;
  audience: string;
  clock?: Clock;
  /** Verified tokens remembered until they or their keys are too old; 0 verifies every time. */
  cacheSize?: number;
}

/** @throws AppError `unauthorized` or `forbidden`; `identity-unavailable` when it cannot be told now. */
export type VerifyToken = (token: string) => Promise<VerifiedToken>;

const longestSubjectChars = 255;

interface Verified {
  claims: JWTPayload;
  /** See `TrustedKeys`. */
  maxAgeMs: number;
}

const unauthorized = (detail: string, cause?: unknown) => new AppError('unauthorized', detail, { cause });

const sentenceFor = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token's claim ${error.claim} is not as it has to be`;
  return 'the token is not valid';
};

const goodUntilMsOf = ({ exp = 0 }: JWTPayload): number => (exp + clockToleranceSeconds) * 1_000;

const toVerified = (payload: JWTPayload): VerifiedToken => {
  const { sub } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > longestSubjectChars) {
    throw unauthorized("the token's claim sub is not as it has to be");
  }
  const scope = payload['scope'];
  const scopes = new Set(typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []);
  return { subject: sub, scopes, goodUntilMs: goodUntilMsOf(payload) };
};

/**
 * The algorithm that an unverified token says it has, for choosing its verifier; that one has to insist on it.
 * @throws AppError `unauthorized` when it is no token.
 */
export const algorithmOf = (token: string): string | undefined => {
  try {
    return decodeProtectedHeader(token).alg;
  } catch (error) {
    throw unauthorized('the token is not valid', error);
  }
};

/** `iss` and `aud` as asked for; `exp` and `sub` are there; now is between `nbf` and `exp`. */
const checkWith = async (
  token: string,
  { alg, key }: VerificationKey,
  { issuer, audience, nowMs }: { issuer: string; audience: string; nowMs: number },
): Promise<JWTPayload> => {
  const { payload } = await jwtVerify(token, key, {
    algorithms: [alg],
    issuer,
    audience,
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp', 'sub'],
    currentDate: new Date(nowMs),
  });
  return payload;
};

/** What may go wrong with a token is told as one error; that keys cannot be had is another matter. */
const refuse = (error: unknown): never => {
  throw error instanceof AppError ? error : unauthorized(sentenceFor(error), error);
};

/**
 * Algorithms are pinned; `iss`, `aud`, `exp` and `sub` are required; `nbf` is honoured.
 * @param read makes of the claims what the caller wants to know; what it throws refuses the token.
 */
export const createClaimsVerifier = <Caller>(
  options: TokenVerifierOptions,
  read: (claims: JWTPayload) => Caller,
): ((token: string) => Promise<Caller>) => {
  const { keys: source, audience, clock = systemClock, cacheSize = 1_000 } = options;
  const cache = createExpiringCache<Caller>(cacheSize, clock);

  const verifyWithAny = async (token: string): Promise<Verified> => {
    const {
      issuer,
      keys,
      maxAgeMs = Number.POSITIVE_INFINITY,
    } = await source.candidates(decodeProtectedHeader(token));
    let wrongSignature: Error | undefined;
    for (const key of keys) {
      try {
        const claims = await checkWith(token, key, { issuer, audience, nowMs: clock.now() });
        return { claims, maxAgeMs };
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
        wrongSignature = error;
      }
    }
    throw wrongSignature ?? new errors.JOSEError('no key of its algorithm and name');
  };

  return async (token) => {
    const known = cache.get(token);
    if (known !== undefined) return known;
    if (token.length > longestTokenChars) throw unauthorized('the token is too long');
    const { claims, maxAgeMs } = await verifyWithAny(token).catch(refuse);
    const caller = read(claims);
    cache.put(token, caller, Math.min(goodUntilMsOf(claims), clock.now() + maxAgeMs));
    return caller;
  };
};

/** For tokens that carry their scopes themselves. */
export const createTokenVerifier = (options: TokenVerifierOptions): VerifyToken =>
  createClaimsVerifier(options, toVerified);
