/** Holds a request until its job has ended, the time is up, or nobody waits any more. */
import { isFinal } from '@factorial/core/jobs/job-status';
import type { JobIntake } from '@factorial/core/jobs/job-store';
import type { Clock } from '@factorial/core/time/clock';
import type { FinishedNotifier, WakeReason } from './finished-notifier.ts';

export interface WaitForJobDeps {
  intake: JobIntake;
  notifier: Pick<FinishedNotifier, 'listen'>;
  clock: Clock;
}

export interface Wait {
  id: string;
  ms: number;
  /** The client has gone. */
  signal: AbortSignal;
}

/** Resolves when the job has ended or the wait is over for another reason; the caller reads the job afterwards. */
export type WaitForJob = (wait: Wait) => Promise<void>;

const isOver = async (intake: JobIntake, id: string): Promise<boolean> => {
  const found = await intake.find(id);
  return found.kind !== 'job' || isFinal(found.job.status);
};

/** What comes first: being woken, the end of the time, or the client's leaving. */
const firstOf = async (
  woken: Promise<WakeReason>,
  { ms, signal }: { ms: number; signal: AbortSignal },
): Promise<WakeReason | 'over'> => {
  if (signal.aborted) return 'over';
  const { promise, resolve } = Promise.withResolvers<'over'>();
  const timer = setTimeout(resolve, ms, 'over');
  const leave = () => resolve('over');
  signal.addEventListener('abort', leave, { once: true });
  const first = await Promise.race([woken, promise]);
  clearTimeout(timer);
  signal.removeEventListener('abort', leave);
  return first;
};

/** Listens first and looks then: an end between the two is not missed. */
export const createWaitForJob =
  ({ intake, notifier, clock }: WaitForJobDeps): WaitForJob =>
  async ({ id, ms, signal }) => {
    const untilMs = clock.now() + ms;
    for (let reason: WakeReason | 'over' = 'look-again'; reason === 'look-again';) {
      const { woken, stop } = notifier.listen(id);
      try {
        if (await isOver(intake, id)) return;
        reason = await firstOf(woken, { ms: Math.max(0, untilMs - clock.now()), signal });
      } finally {
        stop();
      }
    }
  };
