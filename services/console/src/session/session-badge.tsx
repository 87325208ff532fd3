/** In the header: who is signed in, with which scopes and until when; and out. */
import { ago } from '../ui/format.ts';
import { useNow } from '../ui/use-now.ts';
import { useSession } from './session-context.ts';

export const SessionBadge = ({ signOut }: { signOut: () => void }) => {
  const { claims } = useSession();
  const now = useNow(30_000);
  const { subject, scopes, expiresAtMs } = claims;
  return (
    <div class="session">
      <dl class="session-facts">
        <div>
          <dt>Signed in as</dt>
          <dd class="session-subject">{subject || 'nobody in particular'}</dd>
        </div>
        <div class="session-more">
          <dt class="visually-hidden">Scopes</dt>
          <dd>{scopes.length === 0 ? 'no scopes' : scopes.join(' · ')}</dd>
        </div>
        <div class="session-more">
          <dt class="visually-hidden">Expiry</dt>
          <dd>
            {expiresAtMs === undefined ? (
              'does not expire'
            ) : (
              <time
                datetime={new Date(expiresAtMs).toISOString()}
                title={new Date(expiresAtMs).toLocaleString()}
              >
                expires {ago(expiresAtMs, now)}
              </time>
            )}
          </dd>
        </div>
      </dl>
      <button type="button" class="button button-quiet" onClick={signOut}>
        Sign out
      </button>
    </div>
  );
};
