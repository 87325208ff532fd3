/** What one can do to dead letters: send them back, or throw them away. */
import { useState } from 'preact/hooks';
import type { LetterChoice } from '../api/api.ts';
import { type ApiError, asApiError } from '../api/api-error.ts';
import { useApi } from '../session/session-context.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { counted } from '../ui/format.ts';
import { keepFocus } from '../ui/keep-focus.ts';
import { redriveWords } from './letter-words.ts';

type Action = 'redrive' | 'purge';

/** The most ids that one request takes. */
const mostIds = 200;

export interface LetterActionsProps {
  /** Ids of those that were ticked; none ticked: all are meant. */
  chosen: readonly string[];
  /** Told what became of it, when the list has changed; undefined when it failed. */
  onOutcome: (outcome: string | undefined) => Promise<void>;
}

const verbs = { redrive: 'Redrive', purge: 'Purge' } as const;

const Question = ({ action, what }: { action: Action; what: string }) =>
  action === 'redrive' ? (
    <p>{what} will be put into their pools' queues again. Messages that nobody can work on come back here.</p>
  ) : (
    <p>
      {what} will be thrown away for good. Jobs that they speak of are published anew by themselves, or run
      into their time limit.
    </p>
  );

export const LetterActions = ({ chosen, onOutcome }: LetterActionsProps) => {
  const api = useApi();
  const announce = useAnnounce();
  const [asked, setAsked] = useState<Action>();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const choice: LetterChoice = chosen.length === 0 ? { all: true } : { ids: chosen.slice(0, mostIds) };
  const what =
    chosen.length === 0 ? 'All dead letters' : counted(Math.min(chosen.length, mostIds), 'dead letter');

  const perform = async (action: Action): Promise<string> => {
    if (action === 'purge') return `${counted(await api.purge(choice), 'dead letter')} thrown away.`;
    const { redriven, left } = await api.redrive(choice);
    return redriveWords(redriven, left);
  };

  const start = async (action: Action): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const words = await perform(action);
      announce(words);
      await onOutcome(words);
    } catch (thrown) {
      setError(asApiError(thrown));
      await onOutcome(undefined);
    } finally {
      setBusy(false);
      keepFocus();
    }
  };

  const scope = chosen.length === 0 ? 'all' : `${chosen.length}`;
  return (
    <div class="letter-actions">
      {(['redrive', 'purge'] as const).map((action) => (
        <button key={action} type="button" class="button" disabled={isBusy} onClick={() => setAsked(action)}>
          {verbs[action]} {scope}
        </button>
      ))}
      {isBusy && <span role="status">Working…</span>}
      {error && <Fault error={error} />}
      {asked && (
        <ConfirmDialog
          title={`${verbs[asked]} ${what.toLowerCase()}?`}
          confirm={`${verbs[asked]} ${scope}`}
          isDangerous={asked === 'purge'}
          onConfirm={() => void start(asked)}
          onClose={() => setAsked(undefined)}
        >
          <Question action={asked} what={what} />
        </ConfirmDialog>
      )}
    </div>
  );
};
