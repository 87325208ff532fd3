/** The page for somebody without a session: paste a token. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { BusyButton } from '../ui/busy-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Mark } from '../shell/mark.tsx';
import { expectFocus } from '../shell/page.tsx';
import { usePageTitle } from '../shell/use-page-title.ts';
import type { SignIn } from './use-sign-in.ts';

const Help = () => (
  <details class="sign-in-help">
    <summary>Where do I get a token?</summary>
    <p>
      <code>make run</code> prints one that is good for 30 days. On a cluster, the api's image mints one:{' '}
      <code>kubectl exec deploy/factorial-api -- node services/api/dist/mint-token.js</code>. With a sign-in
      of your own in front, use the access token that it gives you.
    </p>
    <p>
      To look it needs the scope <code>jobs:read</code>, to submit and cancel <code>jobs:write</code>, to
      pause pools and see dead letters <code>admin</code>.
    </p>
  </details>
);

export const SignInPage = ({ notice, isBusy, signIn }: SignIn) => {
  usePageTitle('Sign in');
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    field.current?.focus();
    return expectFocus;
  }, []);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void signIn(field.current?.value ?? '').then(() => field.current?.focus());
  };

  return (
    <main id="main" class="sign-in">
      <div class="card sign-in-card">
        <Mark />
        <h1>Sign in to factorial</h1>
        <form onSubmit={submit} noValidate>
          <label htmlFor={id}>Access token</label>
          <div class="input-row">
            <input
              ref={field}
              id={id}
              class="mono"
              {...(isShown ? { type: 'text' as const } : { type: 'password' as const })}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              aria-invalid={notice !== undefined}
              aria-describedby={`${id}-hint ${id}-notice`}
            />
            <button
              type="button"
              class="button"
              aria-pressed={isShown}
              onClick={() => setShown((shown) => !shown)}
            >
              {isShown ? 'Hide' : 'Show'}
            </button>
          </div>
          <p class="hint" id={`${id}-hint`}>
            It stays in this tab and is forgotten when you close it.
          </p>
          <div id={`${id}-notice`} role="alert">
            {notice !== undefined && (
              <p class="field-fault">
                <Icon name="failed" /> {notice}
              </p>
            )}
          </div>
          <BusyButton isBusy={isBusy} look="button-primary button-wide">
            {isBusy ? 'Signing in…' : 'Sign in'}
          </BusyButton>
        </form>
        <Help />
      </div>
    </main>
  );
};
