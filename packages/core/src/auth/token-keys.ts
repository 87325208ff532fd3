/** Where a verifier finds the keys that may have signed a token, and whose they are. */
import type { VerificationKey } from './verification-keys.ts';

/** What an unverified token says about its own key. */
export interface TokenHeader {
  alg?: string | undefined;
  kid?: string | undefined;
}

export interface TrustedKeys {
  /** The only issuer that these keys may speak for. */
  issuer: string;
  keys: readonly VerificationKey[];
  /** What was verified with them counts no longer than this: one of them may be withdrawn. Absent: they stay. */
  maxAgeMs?: number;
}

export interface TokenKeys {
  /**
   * @returns the keys to try; none where nobody we trust has signed it.
   * @throws AppError `identity-unavailable` when that cannot be told now.
   */
  candidates(header: TokenHeader): Promise<TrustedKeys>;
}

/**
 * The keys that may have signed a token: its `alg` has to be the key's own. A `kid` that names a key selects it alone;
 * otherwise keys without a name are tried.
 */
export const fittingKeys = (
  keys: readonly VerificationKey[],
  { alg, kid }: TokenHeader,
): readonly VerificationKey[] => {
  const fitting = keys.filter((key) => key.alg === alg);
  const named = fitting.filter((key) => kid !== undefined && key.kid === kid);
  if (named.length > 0) return named;
  return fitting.filter((key) => kid === undefined || key.kid === undefined);
};

/** Keys that stay the same as long as the process lives. */
export const createFixedKeys = ({ issuer, keys }: TrustedKeys): TokenKeys => ({
  candidates: async (header) => Promise.resolve({ issuer, keys: fittingKeys(keys, header) }),
});
