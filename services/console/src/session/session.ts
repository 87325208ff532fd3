/** Who is signed in, kept for this tab alone and gone with it. */
import { type Api, createApi } from '../api/api.ts';
import type { ApiError } from '../api/api-error.ts';
import { readToken, type TokenClaims } from './read-token.ts';

export interface Session {
  token: string;
  claims: TokenClaims;
  api: Api;
}

const storageKey = 'factorial.token';

/** A browser may forbid storage: then the token lives as long as the page. */
const tryStorage = <Value>(use: (storage: Storage) => Value): Value | undefined => {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
};

export const storedToken = (): string | undefined =>
  tryStorage((storage) => storage.getItem(storageKey)) ?? undefined;
export const storeToken = (token: string): void =>
  tryStorage((storage) => storage.setItem(storageKey, token));
export const forgetToken = (): void => tryStorage((storage) => storage.removeItem(storageKey));

/** @returns undefined for what is no token. */
export const openSession = (
  token: string,
  onUnauthorized: (error: ApiError) => void,
): Session | undefined => {
  const claims = readToken(token);
  return claims && { token, claims, api: createApi({ token, fetch, onUnauthorized }) };
};
