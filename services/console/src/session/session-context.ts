import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import { hasScope } from './read-token.ts';
import type { Session } from './session.ts';

export const SessionContext = createContext<Session | undefined>(undefined);

/** Below the sign-in there always is one. */
export const useSession = (): Session => {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('nobody is signed in');
  return session;
};

export const useApi = (): Api => useSession().api;

export const useMay = (scope: string): boolean => hasScope(useSession().claims, scope);
