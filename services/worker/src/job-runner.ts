/** The worker's loop: deliveries in, claims when a slot is about to be free, runs, outcomes, acknowledgements. */
import type { Heartbeat, HeartbeatAnswer } from '@factorial/core/internal/protocol';
import type { Service } from '@factorial/core/lifecycle/service';
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Logger } from '@factorial/core/ops/logger';
import type { Delivery, JobConsumer } from '@factorial/core/queue/job-queue';
import { createClaims } from './claims.ts';
import type { Flow } from './flow.ts';
import { createIntake, type Wish } from './intake.ts';
import type { InternalClient } from './internal-client.ts';
import { type ClaimedJob, runJob, type RunJobDeps } from './run-job.ts';
import type { RunRef } from './runner/run-ref.ts';
import type { Slot } from './runner/slot.ts';
import { createWorkInHand, type StopReason, type Work } from './work.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface JobRunnerDeps extends RunJobDeps {
  client: Pick<InternalClient, 'claim' | 'report' | 'upload'>;
  consumer: Pick<JobConsumer, 'quiet' | 'resume' | 'setPrefetch'>;
  slots: readonly Slot[];
  flow: Flow;
  metrics: WorkerMetrics;
  logger: Logger;
  /** Milliseconds, monotonic. */
  nowMs: () => number;
  /** No claim is tried again from now on. */
  giveUpClaims: () => void;
  /** No outcome is tried again from now on. */
  giveUpReports: () => void;
}

export interface JobRunner extends Service {
  /** Never throws. */
  onDelivery: (delivery: Delivery) => void;
  onHeartbeat: (answer: HeartbeatAnswer) => void;
  /** The api cannot be reached: nothing is taken that others could claim. Until the next heartbeat's answer. */
  onSilence: () => void;
  /** Whether deliveries are taken: not while it drains or stops, or its pool is paused. */
  isOpen: () => boolean;
  isDraining: () => boolean;
  /** For the heartbeat. */
  load: () => Pick<Heartbeat, 'held' | 'jobs'>;
}

/** A request to drain is about this worker alone, and the scaler waits for its answer. */
const wishOf = (drain: boolean, paused: boolean): Wish => {
  if (drain) return 'draining';
  return paused ? 'paused' : 'open';
};

const tickMs = 100;
/** From the end of the grace on: for stopping runners, and for telling that the jobs are given back. */
const releaseMs = 4_000;

export const createJobRunner = (deps: JobRunnerDeps): JobRunner => {
  const { slots, flow, client, consumer, metrics, logger, nowMs } = deps;
  const hand = createWorkInHand();
  /** The grace is over: what is claimed is given back. */
  let isReleasing = false;
  let ticker: NodeJS.Timeout | undefined;

  const run = async (work: Work, job: ClaimedJob): Promise<void> => {
    const { id, attempt, token } = job;
    const slot = flow.slotFor();
    const claimed = Object.assign(work, {
      stage: 'claimed' as const,
      ref: { id, attempt, token },
      claimedAtMs: nowMs(),
    });
    const ending = runJob(deps, { work: claimed, job, slot }, claims.schedule);
    if (isReleasing) stopRun(claimed.ref, 'release');
    const ended = await ending;
    hand.drop(work);
    metrics.jobEnded(ended);
  };

  const intake = createIntake({ consumer, hand, logger, onReady: () => claims.schedule() });
  const claims = createClaims({ client, intake, hand, metrics, logger, room: flow.room, run });

  const stopRun = (ref: RunRef, reason: StopReason): void => {
    const work = hand.find(ref);
    if (!work || work.stopReason) return;
    work.stopReason = reason;
    logger.info({ jobId: ref.id, attempt: ref.attempt, reason }, 'run stopped');
    for (const slot of slots) slot.stop(ref);
  };

  /** Jobs that wait behind a long one go to somebody who is free. */
  const recall = (): void => {
    for (const ref of flow.stuck()) stopRun(ref, 'release');
  };

  const adjustPrefetch = async (): Promise<void> => {
    const isLower = await flow.adjust(async (count) => consumer.setPrefetch(count));
    if (isLower) intake.shed(flow.prefetch() - claims.underWay.size);
  };

  const tick = (): void => {
    if (!intake.isOpen()) return;
    recall();
    void adjustPrefetch();
    claims.schedule();
  };

  const release = async (): Promise<void> => {
    isReleasing = true;
    for (const { ref } of hand.claimed()) stopRun(ref, 'release');
    await Promise.race([Promise.all(claims.underWay), sleep(releaseMs)]);
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
      await intake.close();
      deps.giveUpClaims();
      await settledOrAborted(claims.underWay, deadline);
      if (claims.underWay.size > 0) await release();
      await Promise.all(claims.underWay);
    },
    onDelivery: (delivery) => {
      if (delivery.redelivered) metrics.redelivered();
      intake.take(delivery);
    },
    onHeartbeat: ({ cancel, lost, drain, paused }) => {
      for (const ref of cancel) stopRun(ref, 'cancel');
      for (const ref of lost) stopRun(ref, 'lost');
      void intake.follow(wishOf(drain, paused));
    },
    onSilence: () => void intake.follow('paused'),
    isOpen: intake.isOpen,
    isDraining: intake.isDraining,
    load: () => ({
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
