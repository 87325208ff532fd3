/** What a look at one thing has shown. */

/** `warning`: it works, or will for a while, but not as one would wish. `skipped`: what it needs is amiss. */
export type Verdict = 'ok' | 'warning' | 'fault' | 'skipped';

export interface Finding {
  /** What was looked at. */
  check: 'api' | 'clock' | 'token' | 'broker' | 'task' | 'queue' | 'worker' | 'scaler' | 'run';
  verdict: Verdict;
  /** Stable name of what was found. */
  code: string;
  /** One sentence: what there is. */
  says: string;
  /** One sentence: what to do. */
  mend?: string;
}

type Check = Finding['check'];

export const ok = (check: Check, says: string): Finding => ({ check, verdict: 'ok', code: 'ok', says });

export const skipped = (check: Check, says: string): Finding => ({
  check,
  verdict: 'skipped',
  code: 'skipped',
  says,
});

export const fault = (check: Check, code: string, [says, mend]: readonly [string, string]): Finding => ({
  check,
  verdict: 'fault',
  code,
  says,
  mend,
});

export const warning = (check: Check, code: string, texts: readonly [string, string]): Finding => ({
  ...fault(check, code, texts),
  verdict: 'warning',
});
