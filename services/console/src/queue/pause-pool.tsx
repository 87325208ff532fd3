/** For admins: hold a pool, and let it go on. */
import { useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/api-error.ts';
import type { Pool } from '../api/schemas.ts';
import { useApi, useMay } from '../session/session-context.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { keepFocus } from '../ui/keep-focus.ts';

export const PausePool = ({ pool, reload }: { pool: Pool; reload: () => void }) => {
  const api = useApi();
  const announce = useAnnounce();
  const isAdmin = useMay('admin');
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  if (!isAdmin) return null;

  const set = async (paused: boolean): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await api.setPaused(pool.pool, paused);
      announce(`Pool ${pool.pool} ${paused ? 'paused' : 'goes on'}`);
      reload();
    } catch (thrown) {
      setError(asApiError(thrown));
    } finally {
      setBusy(false);
      keepFocus();
    }
  };

  return (
    <>
      <button
        type="button"
        class={`button ${pool.paused ? 'button-primary' : ''}`}
        disabled={isBusy}
        onClick={() => (pool.paused ? void set(false) : setAsking(true))}
      >
        {pool.paused ? 'Resume' : 'Pause'}
        <span class="visually-hidden"> pool {pool.pool}</span>
      </button>
      {error && <Fault error={error} />}
      {isAsking && (
        <ConfirmDialog
          title={`Pause the pool ${pool.pool}?`}
          confirm="Pause the pool"
          isDangerous
          onConfirm={() => void set(true)}
          onClose={() => setAsking(false)}
        >
          <p>
            No further job of it starts. Those that run go on to their end; new ones are accepted and wait.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
};
