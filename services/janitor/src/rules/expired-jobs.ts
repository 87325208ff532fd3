/** Expires finished jobs whose time has passed; a tombstone stays. */
import type { JobRetention } from '@factorial/core/jobs/job-store';
import type { Rule } from '../rule.ts';

const batch = 200;

export const expiredJobs = (retention: JobRetention): Rule => ({
  name: 'expired-jobs',
  run: async ({ signal, dryRun }) => {
    const report = { expired: 0, bytes: 0 };
    if (dryRun) return { wouldExpire: (await retention.expired(10_000)).length };
    let ids = await retention.expired(batch);
    while (ids.length > 0 && !signal.aborted) {
      const outcomes = await Promise.all(ids.map(async (id) => retention.expire(id, 'due')));
      for (const outcome of outcomes) {
        if (outcome.kind !== 'expired') continue;
        report.expired += 1;
        report.bytes += outcome.bytes;
      }
      // What did not go now (retried meanwhile, for one) must not be listed for ever.
      if (outcomes.every((outcome) => outcome.kind === 'waiting' || outcome.kind === 'wrong-state')) break;
      ids = await retention.expired(batch);
    }
    return report;
  },
});
