/** What one can do to a job: cancel it, run it again, delete it. */
import { isFinal } from '@factorial/core/jobs/job-status';
import { useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/api-error.ts';
import type { Job } from '../api/schemas.ts';
import { jobsHref } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { useApi, useMay } from '../session/session-context.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { keepFocus } from '../ui/keep-focus.ts';

type Action = 'cancel' | 'retry' | 'remove';

const wordsFor: Readonly<Record<Action, { button: string; title: string; text: string; done: string }>> = {
  cancel: {
    button: 'Cancel the job',
    title: 'Cancel this job?',
    text: 'It is stopped within seconds, and what it has computed so far is lost. It can be retried later.',
    done: 'Cancelled',
  },
  retry: {
    button: 'Retry',
    title: 'Run this job again?',
    text: 'It goes to the end of the queue, with the same id and input.',
    done: 'In the queue again',
  },
  remove: {
    button: 'Delete',
    title: 'Delete this job?',
    text: 'Its input, output and events are deleted now. This cannot be taken back.',
    done: 'Deleted',
  },
};

const actionsFor = ({ status }: Job): readonly Action[] => {
  if (!isFinal(status)) return status === 'expired' ? [] : ['cancel'];
  return status === 'done' ? ['remove'] : ['retry', 'remove'];
};

export interface JobActionsProps {
  job: Job;
  take: (job: Job) => void;
  reload: () => void;
}

export const JobActions = ({ job, take, reload }: JobActionsProps) => {
  const api = useApi();
  const announce = useAnnounce();
  const mayWrite = useMay('jobs:write');
  const [asked, setAsked] = useState<Action>();
  const [busy, setBusy] = useState<Action>();
  const [error, setError] = useState<ApiError>();

  const perform = async (action: Action): Promise<void> => {
    if (action === 'remove') {
      await api.remove(job.id);
      goTo(jobsHref());
    } else {
      take(await api[action](job.id));
    }
    announce(wordsFor[action].done);
  };

  const start = async (action: Action): Promise<void> => {
    setBusy(action);
    setError(undefined);
    await perform(action).catch((thrown: unknown) => {
      setError(asApiError(thrown));
      reload();
    });
    setBusy(undefined);
    keepFocus();
  };

  if (!mayWrite) return null;
  return (
    <div class="actions">
      {actionsFor(job).map((action) => (
        <button
          key={action}
          type="button"
          class={`button ${action === 'retry' ? 'button-primary' : ''}`}
          disabled={busy !== undefined}
          onClick={() => setAsked(action)}
        >
          {wordsFor[action].button}
        </button>
      ))}
      {error && <Fault error={error} />}
      {asked && (
        <ConfirmDialog
          title={wordsFor[asked].title}
          confirm={wordsFor[asked].button}
          isDangerous={asked !== 'retry'}
          onConfirm={() => void start(asked)}
          onClose={() => setAsked(undefined)}
        >
          <p>{wordsFor[asked].text}</p>
        </ConfirmDialog>
      )}
    </div>
  );
};
