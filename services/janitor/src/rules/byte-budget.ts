/** Keeps inputs and outputs inside the byte budget: finished jobs go before their time, old and large ones first. */
import type { JobRetention } from '@factorial/core/jobs/job-store';
import type { Rule } from '../rule.ts';

const window = 1_000;

interface Candidate {
  id: string;
  bytes: number;
  expiresAt: number;
}

/**
 * Which jobs go to free at least `excessBytes`, from the finished jobs nearest to their expiry. The half that expires
 * soonest goes first, the largest of them at the head: few deletions free much, and nothing young goes while something old is there.
 */
export const chooseVictims = (candidates: readonly Candidate[], excessBytes: number): Candidate[] => {
  const byAge = candidates.toSorted((one, other) => one.expiresAt - other.expiresAt);
  const middle = Math.ceil(byAge.length / 2);
  const largestFirst = (part: Candidate[]) => part.toSorted((one, other) => other.bytes - one.bytes);
  const order = [...largestFirst(byAge.slice(0, middle)), ...largestFirst(byAge.slice(middle))];
  const victims: Candidate[] = [];
  let freed = 0;
  for (const candidate of order) {
    if (freed >= excessBytes) break;
    victims.push(candidate);
    freed += candidate.bytes;
  }
  return victims;
};

export const byteBudget = (retention: JobRetention, maxBytes: number): Rule => ({
  name: 'byte-budget',
  run: async ({ signal, dryRun }) => {
    const report = { evicted: 0, bytes: 0, usedBytes: await retention.usedBytes() };
    while (report.usedBytes > maxBytes && !signal.aborted) {
      const victims = chooseVictims(await retention.oldestFinished(window), report.usedBytes - maxBytes);
      if (dryRun) return { wouldEvict: victims.length, usedBytes: report.usedBytes };
      const outcomes = await Promise.all(victims.map(async ({ id }) => retention.expire(id, 'now')));
      const gone = outcomes.flatMap((outcome) => (outcome.kind === 'expired' ? [outcome.bytes] : []));
      report.evicted += gone.length;
      report.bytes += gone.reduce((sum, bytes) => sum + bytes, 0);
      report.usedBytes = await retention.usedBytes();
      // Unfinished jobs alone fill the budget: their bytes are not ours to delete.
      if (victims.length === 0) break;
    }
    return report;
  },
});
