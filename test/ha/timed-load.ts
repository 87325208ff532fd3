/** A steady load that keeps the time of each answer: for how long nothing was accepted, and how long a submission took. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ClientTarget, createSystemClient, type Submission } from '../client/system-client.ts';

export interface TimedLedger {
  /** Ids that were answered with 202 or 200. */
  accepted: Set<string>;
  /** When, by `performance.now()`, in order. */
  acceptedAtMs: number[];
  /** How long each accepted one took, ms. */
  tookMs: number[];
  /** Submissions by the status of their answer; 0 for none at all. */
  answers: Map<number, number>;
  /** 503 answers without Retry-After. */
  withoutRetryAfter: number;
}

export interface TimedLoad {
  /** Is written to until the load has stopped. */
  ledger: TimedLedger;
  stop: () => Promise<TimedLedger>;
}

export interface TimedLoadOptions {
  target: ClientTarget;
  work: Submission;
  clients: number;
  /** Between an answer and the client's next submission. */
  paceMs: number;
}

const submitOnce = async (
  client: ReturnType<typeof createSystemClient>,
  ledger: TimedLedger,
  work: Submission,
): Promise<void> => {
  const began = performance.now();
  const answer = await client.submit(work).catch(() => undefined);
  const status = answer?.status ?? 0;
  ledger.answers.set(status, (ledger.answers.get(status) ?? 0) + 1);
  if (status === 503 && !answer?.headers.has('retry-after')) ledger.withoutRetryAfter += 1;
  if (!answer || (status !== 202 && status !== 200)) return;
  ledger.accepted.add(client.parseJob(answer).id);
  ledger.acceptedAtMs.push(performance.now());
  ledger.tookMs.push(performance.now() - began);
};

export const startTimedLoad = ({ target, work, clients, paceMs }: TimedLoadOptions): TimedLoad => {
  const client = createSystemClient(target);
  const over = new AbortController();
  const ledger: TimedLedger = {
    accepted: new Set(),
    acceptedAtMs: [],
    tookMs: [],
    answers: new Map(),
    withoutRetryAfter: 0,
  };
  const running = Array.from({ length: clients }, async () => {
    while (!over.signal.aborted) {
      await submitOnce(client, ledger, work);
      await delay(paceMs);
    }
  });
  return {
    ledger,
    stop: async () => {
      over.abort();
      await Promise.all(running);
      return ledger;
    },
  };
};

/** @returns the longest time without an acceptance that touches the span, in seconds. */
export const longestGapSeconds = (acceptedAtMs: readonly number[], fromMs: number, toMs: number): number => {
  const gaps = acceptedAtMs.map((at, index) => [acceptedAtMs[index - 1] ?? at, at] as const);
  const within = gaps.filter(([before, after]) => after >= fromMs && before <= toMs);
  return Math.max(0, ...within.map(([before, after]) => after - before)) / 1_000;
};

const atATime = 16;

/** @returns those of the ids that the system does not know any more. */
export const findLost = async (target: ClientTarget, ids: Iterable<string>): Promise<string[]> => {
  const client = createSystemClient(target);
  const left = [...ids];
  const lost: string[] = [];
  const look = async (): Promise<void> => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const { status } = await client.call(`/v1/jobs/${id}`);
      if (status === 404) lost.push(id);
      else if (status !== 200) throw new Error(`GET of a job was answered with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: atATime }, look));
  return lost;
};
