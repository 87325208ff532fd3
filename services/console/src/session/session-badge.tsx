/** Who is signed in, with which scopes and until when; and out. */
import type { TokenClaims } from './read-token.ts';
import { ago } from '../ui/format.ts';
import { useNow } from '../ui/use-now.ts';
import { useSession } from './session-context.ts';

const Expiry = ({ expiresAtMs }: Pick<TokenClaims, 'expiresAtMs'>) => {
  const now = useNow(30_000);
  if (expiresAtMs === undefined) return <>does not expire</>;
  const date = new Date(expiresAtMs);
  return (
    <time datetime={date.toISOString()} title={date.toLocaleString()}>
      expires {ago(expiresAtMs, now)}
    </time>
  );
};

const ScopesAndExpiry = ({ scopes, expiresAtMs }: TokenClaims) => (
  <>
    <div class="session-more">
      <dt class="visually-hidden">Scopes</dt>
      <dd>{scopes.length === 0 ? 'no scopes' : scopes.join(' · ')}</dd>
    </div>
    <div class="session-more">
      <dt class="visually-hidden">Expiry</dt>
      <dd>
        <Expiry expiresAtMs={expiresAtMs} />
      </dd>
    </div>
  </>
);

/** In the header. */
export const SessionBadge = ({ signOut }: { signOut: () => void }) => {
  const { claims } = useSession();
  return (
    <div class="session">
      <dl class="session-facts">
        <div>
          <dt>Signed in as</dt>
          <dd class="session-subject">{claims.subject || 'nobody in particular'}</dd>
        </div>
        <ScopesAndExpiry {...claims} />
      </dl>
      <button type="button" class="button button-quiet" onClick={signOut}>
        Sign out
      </button>
    </div>
  );
};

/** At the foot of narrow screens, whose header has no room for it. */
export const SessionFoot = () => {
  const { claims } = useSession();
  return (
    <dl class="session-foot">
      <ScopesAndExpiry {...claims} />
    </dl>
  );
};
