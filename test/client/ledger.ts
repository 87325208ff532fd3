/** What was accepted and what became of it: the books by which a fault run is judged. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  createSystemClient,
  type ClientTarget,
  type JobView,
  type Submission,
  type SystemClient,
} from './system-client.ts';

export interface Ledger {
  /** Ids that were answered with 202 or 200. */
  accepted: Set<string>;
  /** Submissions by the status of their answer; 0 for none at all. */
  answers: Map<number, number>;
  /** Longest time to any answer, ms. */
  slowestMs: number;
  /** `code` of 503 answers without Retry-After. */
  withoutRetryAfter: number;
}

export interface LoadOptions {
  target: ClientTarget;
  work: Submission;
  /** Time between two submissions of one of the `clients`, ms. */
  paceMs: number;
  clients: number;
  signal: AbortSignal;
}

const submitOnce = async (client: SystemClient, ledger: Ledger, work: Submission): Promise<void> => {
  const began = performance.now();
  const answer = await client.submit(work).catch(() => undefined);
  ledger.slowestMs = Math.max(ledger.slowestMs, performance.now() - began);
  const status = answer?.status ?? 0;
  ledger.answers.set(status, (ledger.answers.get(status) ?? 0) + 1);
  if (answer && (status === 202 || status === 200)) ledger.accepted.add(client.parseJob(answer).id);
  if (answer && status === 503 && !answer.headers.has('retry-after')) ledger.withoutRetryAfter += 1;
};

/** Submits at a steady pace until the signal. */
export const runLoad = async (options: LoadOptions): Promise<Ledger> => {
  const { target, work, paceMs, clients, signal } = options;
  const client = createSystemClient(target);
  const ledger: Ledger = { accepted: new Set(), answers: new Map(), slowestMs: 0, withoutRetryAfter: 0 };
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (!signal.aborted) {
        await submitOnce(client, ledger, work);
        await delay(paceMs);
      }
    }),
  );
  return ledger;
};

/** Waits until every accepted job is final. @returns the final views. */
export const settle = async (target: ClientTarget, ledger: Ledger, timeoutMs: number): Promise<JobView[]> => {
  const client = createSystemClient(target);
  const deadline = Date.now() + timeoutMs;
  const views: JobView[] = [];
  for (const id of ledger.accepted) {
    views.push(await client.waitUntilFinal(id, Math.max(1_000, deadline - Date.now())));
  }
  return views;
};
