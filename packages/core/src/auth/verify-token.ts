/** Decides whether a bearer token is genuine, meant for us and still good, and whose it is. */
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { AppError } from '../errors/app-error.ts';
import { systemClock, type Clock } from '../time/clock.ts';
import type { VerificationKey } from './verification-keys.ts';

export interface VerifiedToken {
  /** The claim `sub`: owner of the jobs it makes. */
  subject: string;
  scopes: ReadonlySet<string>;
}

export interface TokenVerifierOptions {
  keys: readonly VerificationKey[];
  issuer: string;
  audience: string;
  clock?: Clock;
  /** Verified tokens remembered until they expire; 0 verifies every time. */
  cacheSize?: number;
}

/** @throws AppError `unauthorized`. */
export type VerifyToken = (token: string) => Promise<VerifiedToken>;

/** For clocks that differ. */
const toleranceSeconds = 30;
const longestTokenChars = 8_192;
const longestSubjectChars = 255;

const unauthorized = (detail: string, cause?: unknown) => new AppError('unauthorized', detail, { cause });

/**
 * The keys that may have signed this token: its `alg` has to be the key's own. A `kid` that names a key selects it alone;
 * otherwise keys without a name are tried.
 */
const candidates = (keys: readonly VerificationKey[], token: string): VerificationKey[] => {
  const { alg, kid } = decodeProtectedHeader(token);
  const fitting = keys.filter((key) => key.alg === alg);
  const named = fitting.filter((key) => kid !== undefined && key.kid === kid);
  if (named.length > 0) return named;
  return fitting.filter((key) => kid === undefined || key.kid === undefined);
};

const sentenceFor = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token's claim ${error.claim} is not as it has to be`;
  return 'the token is not valid';
};

const toVerified = (payload: JWTPayload): VerifiedToken => {
  const { sub } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > longestSubjectChars) {
    throw unauthorized("the token's claim sub is not as it has to be");
  }
  const scope = payload['scope'];
  return { subject: sub, scopes: new Set(typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []) };
};

interface Remembered {
  verified: VerifiedToken;
  goodUntilMs: number;
}

/** First in, first out: enough for clients that use one token for many requests, and bounded for those that do not. */
const createCache = (size: number, clock: Clock) => {
  const entries = new Map<string, Remembered>();
  return {
    get: (token: string): VerifiedToken | undefined => {
      const found = entries.get(token);
      if (found === undefined || found.goodUntilMs > clock.now()) return found?.verified;
      entries.delete(token);
      return undefined;
    },
    put: (token: string, entry: Remembered): void => {
      if (size === 0) return;
      const oldest = entries.size >= size ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
      entries.set(token, entry);
    },
  };
};

/** Algorithms are pinned; `iss`, `aud`, `exp` and `sub` are required; `nbf` is honoured. */
export const createTokenVerifier = (options: TokenVerifierOptions): VerifyToken => {
  const { keys, issuer, audience, clock = systemClock, cacheSize = 1_000 } = options;
  const cache = createCache(cacheSize, clock);

  const verifyWith = async (token: string, key: VerificationKey): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(token, key.key, {
      algorithms: [key.alg],
      issuer,
      audience,
      clockTolerance: toleranceSeconds,
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(clock.now()),
    });
    return payload;
  };

  const verifyWithAny = async (token: string): Promise<JWTPayload> => {
    let wrongSignature: Error | undefined;
    for (const key of candidates(keys, token)) {
      try {
        return await verifyWith(token, key);
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
    const payload = await verifyWithAny(token).catch((error: unknown) => {
      throw unauthorized(sentenceFor(error), error);
    });
    const verified = toVerified(payload);
    cache.put(token, { verified, goodUntilMs: ((payload.exp ?? 0) + toleranceSeconds) * 1_000 });
    return verified;
  };
};
