/** The books of a run: what became of every job that was accepted. */
import { Counter, Trend } from 'k6/metrics';

export type Ending = 'right' | 'wrong' | 'failed' | 'lost';

export interface Ledger {
  /** @param submitMs the time of the request that was answered with the id. */
  accepted: (submitMs: number) => void;
  /** @param sinceMs when the user first tried to submit. */
  ended: (ending: Ending, sinceMs: number) => void;
  /** Never accepted, however often the user tried. */
  givenUp: () => void;
  /** The server asked to come again later. */
  askedToWait: (status: number) => void;
  /** Neither a right answer nor back-pressure. */
  error: () => void;
}

/** Only at the start of a script: users cannot make metrics. */
export const createLedger = (): Ledger => {
  const accepted = new Counter('jobs_accepted');
  const done = new Counter('jobs_done');
  const endings: Record<Ending, Counter> = {
    right: new Counter('jobs_right'),
    wrong: new Counter('jobs_wrong'),
    failed: new Counter('jobs_failed'),
    lost: new Counter('jobs_lost'),
  };
  // Accepted less right: a threshold looks at one metric only, and this one also sees a user that was cut off.
  const open = new Counter('jobs_open');
  const givenUp = new Counter('submits_given_up');
  const askedToWait = new Counter('asked_to_wait');
  const errors = new Counter('errors');
  const submitMs = new Trend('submit_ms', true);
  const endToEndMs = new Trend('end_to_end_ms', true);
  return {
    accepted: (ms) => {
      accepted.add(1);
      open.add(1);
      submitMs.add(ms);
    },
    ended: (ending, sinceMs) => {
      endings[ending].add(1);
      if (ending === 'right' || ending === 'wrong') done.add(1);
      if (ending !== 'right') return;
      open.add(-1);
      endToEndMs.add(Date.now() - sinceMs);
    },
    givenUp: () => givenUp.add(1),
    askedToWait: (status) => askedToWait.add(1, { status: String(status) }),
    error: () => errors.add(1),
  };
};
