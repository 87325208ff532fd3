/** A steady load: each planned job is submitted at its time, and followed to its end, whatever breaks meanwhile. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { ChaosClient } from './chaos-client.ts';
import type { Journal } from './journal.ts';
import type { PlannedJob } from './plan-jobs.ts';

export interface LoadOptions {
  jobs: readonly PlannedJob[];
  perSecond: number;
  client: ChaosClient;
  journal: Journal;
  /** Nothing is submitted any more. */
  signal: AbortSignal;
}

const live = async ({ client, journal, signal }: LoadOptions, job: PlannedJob): Promise<void> => {
  const entry = journal.sent(job);
  const taken = await client.submit(job);
  if (taken === 'expired') return journal.expired(entry);
  if (taken === undefined) return;
  const { id } = taken;
  journal.accepted(entry, id);
  const cancelling =
    job.cancelAfterMs === undefined
      ? undefined
      : sleep(job.cancelAfterMs, signal).then(async () => client.cancel(id));
  const final = await client.follow(id);
  await cancelling;
  if (final) journal.ended(entry, final);
};

/** Resolves when every job has ended, or the client has given up. */
export const runLoad = async (options: LoadOptions): Promise<void> => {
  const { jobs, perSecond, signal } = options;
  const began = performance.now();
  const lives: Promise<void>[] = [];
  for (const [index, job] of jobs.entries()) {
    await sleep(Math.max(0, began + (index * 1_000) / perSecond - performance.now()), signal);
    if (signal.aborted) break;
    lives.push(live(options, job));
  }
  await Promise.all(lives);
};
