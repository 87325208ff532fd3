/** Signing in and out, and what to say when a session ends by itself. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/api-error.ts';
import { cleanToken, readToken } from './read-token.ts';
import { forgetToken, openSession, type Session, storedToken, storeToken } from './session.ts';

export interface SignIn {
  session: Session | undefined;
  /** Why nobody is signed in, where there is something to say. */
  notice: string | undefined;
  isBusy: boolean;
  signIn: (pasted: string) => Promise<void>;
  signOut: () => void;
}

/** The longest wait that a timer takes. */
const longestTimerMs = 2 ** 31 - 1;

const notAToken =
  'This is no JSON Web Token: one has three parts with dots between them. Copy the whole of it, on one line.';

const wordsFor = ({ code, status, title, detail }: ApiError): string => {
  if (code === 'forbidden')
    return 'The token is good, but lacks the scope jobs:read, which the console needs.';
  return status === 401 ? `The token was refused. ${detail}` : `${title}. ${detail}`;
};

const expiredSince = (token: string, nowMs: number): string | undefined => {
  const expiresAtMs = readToken(token)?.expiresAtMs;
  return expiresAtMs === undefined || expiresAtMs > nowMs
    ? undefined
    : `The token expired at ${new Date(expiresAtMs).toLocaleString()}. Get a new one and paste it here.`;
};

const whyEnded = (token: string, error: ApiError): string =>
  expiredSince(token, Date.now()) ?? wordsFor(error);

export const useSignIn = (): SignIn => {
  /** What a session calls when its token is refused. */
  const refused = useRef<(why: string) => void>(() => undefined);
  const open = useCallback(
    (token: string) => openSession(token, (error) => refused.current(whyEnded(token, error))),
    [],
  );
  // At once: who is signed in sees no form.
  const [session, setSession] = useState(() => open(storedToken() ?? ''));
  const [notice, setNotice] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const end = useCallback((why: string | undefined) => {
    forgetToken();
    setSession(undefined);
    setNotice(why);
  }, []);
  refused.current = end;

  const signIn = useCallback(
    async (pasted: string) => {
      const token = cleanToken(pasted);
      const opened = open(token);
      const fault = opened === undefined ? notAToken : expiredSince(token, Date.now());
      setNotice(fault);
      if (opened === undefined || fault !== undefined) return;
      setBusy(true);
      try {
        await opened.api.jobs({ pageSize: 1 });
        storeToken(token);
        setSession(opened);
      } catch (thrown) {
        setNotice(wordsFor(asApiError(thrown)));
      } finally {
        setBusy(false);
      }
    },
    [open],
  );

  useEffect(() => {
    const expiresAtMs = session?.claims.expiresAtMs;
    if (session === undefined || expiresAtMs === undefined) return undefined;
    const waitMs = Math.min(longestTimerMs, Math.max(0, expiresAtMs - Date.now()));
    const timer = setTimeout(() => end(expiredSince(session.token, Date.now())), waitMs);
    return () => clearTimeout(timer);
  }, [session, end]);

  return { session, notice, isBusy, signIn, signOut: useCallback(() => end(undefined), [end]) };
};
