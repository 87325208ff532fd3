/** What a token says of itself. The api alone can tell whether that is true. */
import * as z from 'zod/mini';

export interface TokenClaims {
  subject: string;
  scopes: readonly string[];
  /** ms since the epoch; undefined where it does not say. */
  expiresAtMs: number | undefined;
}

const claimsSchema = z.object({
  sub: z.optional(z.string()),
  scope: z.optional(z.string()),
  exp: z.optional(z.number()),
});

const decodePart = (part: string): unknown => {
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
};

/** The token in what somebody pasted: quotes, white space, `Bearer ` and `export TOKEN=` come along easily. */
export const cleanToken = (pasted: string): string =>
  pasted
    .trim()
    .replace(/^(?:export\s+)?\w+=/, '')
    .replace(/^(?:authorization:\s*)?bearer\s+/i, '')
    .replaceAll(/["'\s]/g, '');

/** @returns undefined for what is no JSON Web Token. */
export const readToken = (token: string): TokenClaims | undefined => {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims = claimsSchema.parse(decodePart(payload));
    return {
      subject: claims.sub ?? '',
      scopes: (claims.scope ?? '').split(' ').filter((scope) => scope !== ''),
      expiresAtMs: claims.exp === undefined ? undefined : claims.exp * 1_000,
    };
  } catch {
    return undefined;
  }
};

/** `admin` stands for every scope. */
export const hasScope = ({ scopes }: TokenClaims, scope: string): boolean =>
  scopes.includes(scope) || scopes.includes('admin');
