/** The keys that tokens may be signed with. A key is listed under the algorithms of its own type only: that makes key confusion impossible. */
import { subtle } from 'node:crypto';
import { importJWK, type CryptoKey } from 'jose';
import { z } from 'zod';
import { assertNever } from '../errors/assert-never.ts';

export type TokenAlgorithm = 'HS256' | 'RS256' | 'PS256' | 'ES256';

export interface VerificationKey {
  alg: TokenAlgorithm;
  /** Selects among several keys while they are rotated. */
  kid?: string;
  key: CryptoKey;
}

/** Shortest HS256 key: as long as the hash (RFC 7518, section 3.2). */
const minimumSecretBytes = 32;

const common = { kid: z.string().min(1).optional(), use: z.literal('sig').optional() };
const jwkSchema = z.discriminatedUnion('kty', [
  z.object({ ...common, kty: z.literal('oct'), k: z.string(), alg: z.literal('HS256').optional() }),
  z.object({
    ...common,
    kty: z.literal('RSA'),
    n: z.string(),
    e: z.string(),
    alg: z.enum(['RS256', 'PS256']).optional(),
    d: z.never('a private key has no place here').optional(),
  }),
  z.object({
    ...common,
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
    alg: z.literal('ES256').optional(),
    d: z.never('a private key has no place here').optional(),
  }),
]);
type Jwk = z.output<typeof jwkSchema>;
const jwksSchema = z.object({ keys: z.array(jwkSchema).min(1).max(32) });

const hmacKey = async (bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> => {
  if (bytes.byteLength < minimumSecretBytes) {
    throw new Error(`an HS256 key has to have at least ${minimumSecretBytes} bytes`);
  }
  return subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
};

const algorithmsOf = (jwk: Jwk): readonly TokenAlgorithm[] => {
  switch (jwk.kty) {
    case 'oct':
      return ['HS256'];
    case 'EC':
      return ['ES256'];
    case 'RSA':
      return jwk.alg === undefined ? ['RS256', 'PS256'] : [jwk.alg];
    default:
      return assertNever(jwk);
  }
};

const publicKey = async (jwk: Exclude<Jwk, { kty: 'oct' }>, alg: TokenAlgorithm): Promise<CryptoKey> => {
  const { kid: _kid, use: _use, d: _d, ...material } = jwk;
  const key = await importJWK({ ...material, alg }, alg);
  if (key instanceof Uint8Array) throw new Error('a public key was expected');
  return key;
};

const importKey = async (jwk: Jwk, alg: TokenAlgorithm): Promise<VerificationKey> => {
  const key =
    jwk.kty === 'oct'
      ? await hmacKey(Uint8Array.from(Buffer.from(jwk.k, 'base64url')))
      : await publicKey(jwk, alg);
  return { alg, key, ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) };
};

/** @throws Error when the secret has fewer than 32 bytes in UTF-8. */
export const keyFromSecret = async (secret: string): Promise<VerificationKey> => ({
  alg: 'HS256',
  key: await hmacKey(new TextEncoder().encode(secret)),
});

/**
 * @param text a JWK set (RFC 7517) with `oct`, `RSA` and `EC` (P-256) keys.
 * @throws Error when it is not one, or holds a private, short or unknown key.
 */
export const keysFromJwks = async (text: string): Promise<VerificationKey[]> => {
  const parsed = jwksSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`the JWK set is wrong: ${z.prettifyError(parsed.error)}`);
  return Promise.all(parsed.data.keys.flatMap((jwk) => algorithmsOf(jwk).map((alg) => importKey(jwk, alg))));
};

/** What Kubernetes signs its tokens with. */
const clusterAlgorithms: ReadonlySet<TokenAlgorithm> = new Set(['RS256', 'ES256']);
const clusterJwksSchema = z.object({ keys: z.array(z.unknown()).max(64) });

/**
 * @param jwks a cluster's JWK set. Keys of kinds that we do not take are left out: one of them does not spoil the others.
 * @throws Error when it is none, or holds no key that we take.
 */
export const keysOfCluster = async (jwks: unknown): Promise<VerificationKey[]> => {
  const { keys } = clusterJwksSchema.parse(jwks);
  const known = keys.flatMap((key) => jwkSchema.safeParse(key).data ?? []);
  const usable = known.flatMap((jwk) =>
    algorithmsOf(jwk).flatMap((alg) => (clusterAlgorithms.has(alg) ? [importKey(jwk, alg)] : [])),
  );
  if (usable.length === 0) throw new Error('the JWK set holds no key of a kind that is taken here');
  return Promise.all(usable);
};
