/** Is there a token, is it still good, does the api take it, and is it enough? */
import type { FactorialError } from '../../errors.ts';
import { inWords } from '../durations.ts';
import { fault, type Finding, ok } from './finding.ts';
import { mends } from './judge-broker.ts';

export interface Claims {
  subject: string | undefined;
  issuer: unknown;
  audience: unknown;
  scopes: ReadonlySet<string>;
  /** Seconds since the epoch. */
  expiresAt: number | undefined;
  notBefore: number | undefined;
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** @returns undefined for what is no JWT. Whether it is genuine is for the api to say. */
export const claimsOf = (token: string): Claims | undefined => {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (typeof claims !== 'object' || claims === null) return undefined;
    const claim = (name: string): unknown => Reflect.get(claims, name);
    const scope = claim('scope');
    return {
      subject: typeof claim('sub') === 'string' ? String(claim('sub')) : undefined,
      issuer: claim('iss'),
      audience: claim('aud'),
      scopes: new Set(typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []),
      expiresAt: numberOf(claim('exp')),
      notBefore: numberOf(claim('nbf')),
    };
  } catch {
    return undefined;
  }
};

const another = 'Get another one: `factorial token` where the key is at hand, else from who runs the api.';

const missing: readonly [string, string] = [
  'There is no token.',
  'Set TOKEN or give --token: `make run` writes one to .local/run.env, `factorial token` makes one.',
];

/** What can be told without asking. @param nowMs by the api's clock, ms since the epoch. */
export const judgeText = (token: string | undefined, nowMs: number): Finding | undefined => {
  if (token === undefined) return fault('token', 'token-missing', missing);
  const claims = claimsOf(token);
  if (claims === undefined) {
    return fault('token', 'token-malformed', [
      'The token is no JWT: three parts with dots between them.',
      'Look whether it was copied whole, without quotes and without "Bearer".',
    ]);
  }
  const now = nowMs / 1_000;
  const { expiresAt, notBefore } = claims;
  if (expiresAt !== undefined && expiresAt < now) {
    return fault('token', 'token-expired', [`The token expired ${inWords(now - expiresAt)} ago.`, another]);
  }
  if (notBefore !== undefined && notBefore > now) {
    return fault('token', 'token-not-yet', [
      `The token is good in ${inWords(notBefore - now)} only.`,
      another,
    ]);
  }
  return undefined;
};

const quoted = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));

const refused = (token: string, { message }: FactorialError): Finding => {
  const claims = claimsOf(token);
  const about =
    claims === undefined
      ? ''
      : ` It says: issuer ${quoted(claims.issuer)}, audience ${quoted(claims.audience)}.`;
  return fault('token', 'token-refused', [
    `The api refuses the token: ${message}.${about}`,
    'It is for another installation, or signed with another key: take one whose key, issuer and audience are those of this api (JWT_SECRET, JWT_ISSUER, JWT_AUDIENCE).',
  ]);
};

const needed = ['jobs:read', 'jobs:write'];

const judgeClaims = (claims: Claims | undefined): Finding => {
  const scopes = claims?.scopes ?? new Set<string>();
  const lacking = scopes.has('admin') ? [] : needed.filter((scope) => !scopes.has(scope));
  if (lacking.length > 0) {
    return fault('token', 'scope-missing', [
      `The token lacks the scope ${lacking.join(' and ')}.`,
      `Get one with --scope "${needed.join(' ')}".`,
    ]);
  }
  return ok('token', `of ${claims?.subject ?? 'nobody'}, may ${[...scopes].join(', ')}`);
};

/** @param refusal what the api said to a request with this token; undefined: it took it. */
export const judgeAnswer = (token: string, refusal: FactorialError | undefined): Finding => {
  if (refusal === undefined) return judgeClaims(claimsOf(token));
  if (refusal.status === 401) return refused(token, refusal);
  if (refusal.status === 403) return judgeClaims(claimsOf(token));
  return fault('queue', refusal.code, [
    `The api cannot answer now: ${refusal.message}`,
    mends[refusal.code] ?? 'Look at the log of the api: it has the reason.',
  ]);
};
