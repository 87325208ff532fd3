/** The worker's loop: deliveries in, claims in batches when a slot is about to be free, runs, outcomes, acknowledgements. */
import type { ClaimOutcome, Heartbeat, HeartbeatAnswer } from '@factorial/core/internal/protocol';
import { toError } from '@factorial/core/errors/to-error';
import type { Service } from '@factorial/core/lifecycle/service';
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Logger } from '@factorial/core/ops/logger';
import type { Delivery, JobConsumer } from '@factorial/core/queue/job-queue';
import type { Flow } from './flow.ts';
import type { InternalClient } from './internal-client.ts';
import { type ClaimedJob, runJob, type RunJobDeps } from './run-job.ts';
import type { Slot } from './runner/slot.ts';
import { createWorkInHand, type StopReason, type Work } from './work.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface JobRunnerDeps extends RunJobDeps {
  client: Pick<InternalClient, 'claim' | 'report' | 'upload'>;
  consumer: Pick<JobConsumer, 'quiet' | 'setPrefetch'>;
  slots: readonly Slot[];
  flow: Flow;
  metrics: WorkerMetrics;
  logger: Logger;
  /** Milliseconds, monotonic. */
  nowMs: () => number;
  /** Asked to drain, and nothing is in hand any more. */
  onDrained: () => void;
  /** No claim is tried again from now on. */
  giveUpClaims: () => void;
  /** No outcome is tried again from now on. */
  giveUpReports: () => void;
}

export interface JobRunner extends Service {
  /** Never throws. */
  onDelivery: (delivery: Delivery) => void;
  onHeartbeat: (answer: HeartbeatAnswer) => void;
  /** For the heartbeat. */
  load: () => Pick<Heartbeat, 'held' | 'jobs'> & { isDraining: boolean };
}

/** Somebody who beats holds it: after this many answers the sweeper is left to watch over the job. */
const maxBusyAnswers = 3;
const failedClaimPauseMs = 1_000;
const tickMs = 100;
/** From the end of the grace on: for stopping runners, and for telling that the jobs are given back. */
const releaseMs = 4_000;

export const createJobRunner = (deps: JobRunnerDeps): JobRunner => {
  const { slots, flow, client, consumer, metrics, nowMs } = deps;
  const hand = createWorkInHand();
  /** Ready to be claimed, in the order of arrival. */
  const held: Work[] = [];
  const running = new Set<Promise<void>>();
  let claiming = 0;
  /** No further delivery is taken. */
  let isDraining = false;
  /** Asked for by the api: the process ends when nothing is in hand. */
  let isEndingWhenIdle = false;
  /** The grace is over: what is claimed is given back. */
  let isReleasing = false;
  let isPumpDue = false;
  let ticker: NodeJS.Timeout | undefined;

  const schedulePump = (): void => {
    if (isPumpDue) return;
    isPumpDue = true;
    setImmediate(pump);
  };

  const pump = (): void => {
    isPumpDue = false;
    if (isDraining) return;
    const room = flow.room() - claiming;
    for (const work of held.splice(0, Math.max(0, room))) track(claim(work));
  };

  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => {
      running.delete(tracked);
      endWhenIdle();
    });
    running.add(tracked);
  };

  const endWhenIdle = (): void => {
    if (!isEndingWhenIdle || hand.all().length > 0) return;
    isEndingWhenIdle = false;
    deps.onDrained();
  };

  const end = (work: Work, answer: 'ack' | 'requeue'): void => {
    hand.drop(work);
    work.delivery[answer]();
  };

  const claim = async (work: Work): Promise<void> => {
    work.stage = 'claiming';
    claiming += 1;
    const { jobId: id, nonce, redelivered } = work.delivery;
    const outcome = await client
      .claim({ id, nonce, redelivered })
      .catch(async (thrown: unknown) => afterFailedClaim(id, thrown));
    claiming -= 1;
    if (outcome) await onClaimed(work, outcome);
    else end(work, 'requeue');
    schedulePump();
  };

  /** At a stop claims are given up; otherwise it is a fault, which must not turn into a storm of redeliveries. */
  const afterFailedClaim = async (jobId: string, thrown: unknown): Promise<undefined> => {
    if (isDraining) return;
    deps.logger.error({ err: toError(thrown), jobId }, 'claim failed');
    await sleep(failedClaimPauseMs);
  };

  const onClaimed = async (work: Work, outcome: ClaimOutcome): Promise<void> => {
    if (outcome.outcome === 'ok') return run(work, outcome);
    if (outcome.outcome === 'busy' && outcome.retryAfterMs > 0 && ++work.busyAnswers < maxBusyAnswers) {
      return hold(work, outcome.retryAfterMs);
    }
    metrics.jobEnded(outcome.outcome);
    return end(work, 'ack');
  };

  /** The holder may be dead: the same question again when that is certain. */
  const hold = (work: Work, ms: number): void => {
    if (isDraining) return end(work, 'requeue');
    work.stage = 'held';
    const timer = setTimeout(() => {
      if (work.stage !== 'held' || isDraining) return;
      held.push(work);
      schedulePump();
    }, ms);
    timer.unref();
  };

  const run = async (work: Work, job: ClaimedJob): Promise<void> => {
    const { id, attempt, token } = job;
    const slot = flow.slotFor();
    const claimed = Object.assign(work, {
      stage: 'claimed' as const,
      ref: { id, attempt, token },
      claimedAtMs: nowMs(),
    });
    const ending = runJob(deps, { work: claimed, job, slot }, schedulePump);
    if (isReleasing) stopRun(claimed.ref, 'release');
    const ended = await ending;
    hand.drop(work);
    metrics.jobEnded(ended);
  };

  const stopRun = (ref: { id: string; attempt: number }, reason: StopReason): void => {
    const work = hand.find(ref);
    if (!work || work.stopReason) return;
    work.stopReason = reason;
    deps.logger.info({ jobId: ref.id, attempt: ref.attempt, reason }, 'run stopped');
    for (const slot of slots) slot.stop(ref.id);
  };

  /** Jobs that wait behind a long one go to somebody who is free. */
  const recall = (): void => {
    for (const id of flow.stuck()) {
      const work = hand.claimed().find(({ ref }) => ref.id === id);
      if (work) stopRun(work.ref, 'release');
    }
  };

  const shed = (): void => {
    for (const work of held.splice(Math.max(0, flow.prefetch() - running.size))) end(work, 'requeue');
  };

  const tick = (): void => {
    if (isDraining) return;
    recall();
    void flow.adjust((count) => consumer.setPrefetch(count)).then((isLower) => isLower && shed());
    schedulePump();
  };

  const drain = async (): Promise<void> => {
    if (isDraining) return;
    isDraining = true;
    await consumer.quiet();
    held.length = 0;
    for (const work of hand.all().filter(({ stage }) => stage === 'held')) end(work, 'requeue');
  };

  const drainForApi = async (): Promise<void> => {
    if (isDraining) return;
    deps.logger.info('asked to drain');
    isEndingWhenIdle = true;
    await drain();
    endWhenIdle();
  };

  const onDelivery = (delivery: Delivery): void => {
    if (delivery.redelivered) metrics.redelivered();
    if (isDraining) return delivery.requeue();
    const work = hand.take(delivery);
    if (!work) return;
    held.push(work);
    schedulePump();
  };

  const release = async (): Promise<void> => {
    isReleasing = true;
    for (const { ref } of hand.claimed()) stopRun(ref, 'release');
    await Promise.race([Promise.all(running), sleep(releaseMs)]);
    deps.giveUpReports();
  };

  return {
    name: 'job-runner',
    start: async () => {
      ticker = setInterval(tick, tickMs);
      await Promise.resolve();
    },
    stop: async (deadline) => {
      clearInterval(ticker);
      isEndingWhenIdle = false;
      await drain();
      deps.giveUpClaims();
      await settledOrAborted(running, deadline);
      if (running.size > 0) await release();
      await Promise.all(running);
    },
    onDelivery,
    onHeartbeat: ({ cancel, lost, drain: isAsked }) => {
      for (const ref of cancel) stopRun(ref, 'cancel');
      for (const ref of lost) stopRun(ref, 'lost');
      if (isAsked) void drainForApi();
    },
    load: () => ({
      isDraining,
      held: hand.all().filter(({ ref }) => !ref).length,
      jobs: hand.claimed().map(({ ref, claimedAtMs = 0 }) => ({ ...ref, runningMs: nowMs() - claimedAtMs })),
    }),
  };
};

const settledOrAborted = async (work: ReadonlySet<Promise<void>>, deadline: AbortSignal): Promise<void> => {
  if (deadline.aborted) return;
  const aborted = new Promise<void>((resolve) => {
    deadline.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([Promise.all(work), aborted]);
};
