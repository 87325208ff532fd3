/** Turns deliveries into claimed jobs: asks the api for as many as the slots take, and answers those there is nothing to do for. */
import { toError } from '@factorial/core/errors/to-error';
import type { ClaimOutcome } from '@factorial/core/internal/protocol';
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Logger } from '@factorial/core/ops/logger';
import type { Intake } from './intake.ts';
import type { InternalClient } from './internal-client.ts';
import type { ClaimedJob } from './run-job.ts';
import type { Work, WorkInHand } from './work.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface ClaimsDeps {
  client: Pick<InternalClient, 'claim'>;
  intake: Pick<Intake, 'isOpen' | 'next' | 'pause' | 'putOff'>;
  hand: WorkInHand;
  metrics: Pick<WorkerMetrics, 'jobEnded'>;
  logger: Logger;
  /** How many further jobs the slots take. */
  room: () => number;
  /** Runs a claimed job to its end; never rejects. */
  run: (work: Work, job: ClaimedJob) => Promise<void>;
}

export interface Claims {
  /** Looks soon whether something can be claimed; many calls in one turn of the loop are one look. */
  schedule: () => void;
  /** What was taken from the line: each settles when its delivery has been answered, or waits again. */
  underWay: ReadonlySet<Promise<void>>;
}

/** Somebody who beats holds it: after this many answers the sweeper is left to watch over the job. */
const maxBusyAnswers = 3;
const failedClaimPauseMs = 1_000;

export const createClaims = (deps: ClaimsDeps): Claims => {
  const { intake, hand } = deps;
  const underWay = new Set<Promise<void>>();
  let claiming = 0;
  let isDue = false;

  const schedule = (): void => {
    if (isDue) return;
    isDue = true;
    setImmediate(look);
  };

  const look = (): void => {
    isDue = false;
    for (const work of intake.next(deps.room() - claiming)) track(claim(work));
  };

  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };

  const claim = async (work: Work): Promise<void> => {
    work.stage = 'claiming';
    claiming += 1;
    const { jobId: id, nonce, redelivered } = work.delivery;
    const outcome = await deps.client
      .claim({ id, nonce, redelivered })
      .catch(async (thrown: unknown) => afterFailure(id, thrown));
    claiming -= 1;
    if (outcome) await onClaimed(work, outcome);
    else hand.end(work, 'requeue');
    schedule();
  };

  /** At a stop claims are given up; otherwise it is a fault, which must not turn into a storm of redeliveries. */
  const afterFailure = async (jobId: string, thrown: unknown): Promise<undefined> => {
    if (!intake.isOpen()) return;
    deps.logger.error({ err: toError(thrown), jobId }, 'claim failed');
    await sleep(failedClaimPauseMs);
  };

  const onClaimed = async (work: Work, outcome: ClaimOutcome): Promise<void> => {
    if (outcome.outcome === 'ok') return deps.run(work, outcome);
    if (outcome.outcome === 'paused') return intake.pause(work);
    // The holder may be dead: the same question again when that is certain.
    if (outcome.outcome === 'busy' && outcome.retryAfterMs > 0 && ++work.busyAnswers < maxBusyAnswers) {
      return intake.putOff(work, outcome.retryAfterMs);
    }
    deps.metrics.jobEnded(outcome.outcome);
    return hand.end(work, 'ack');
  };

  return { schedule, underWay };
};
