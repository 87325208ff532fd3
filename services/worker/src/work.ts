/** A delivery in this worker's hands, from its arrival to its acknowledgement. */
import type { AttemptRef } from '@factorial/core/internal/protocol';
import type { Delivery } from '@factorial/core/queue/job-queue';
import { isSameRun, type RunRef } from './runner/run-ref.ts';

/** Why a run is being stopped: the job was cancelled, it is somebody else's by now, or it is given back. */
export type StopReason = 'cancel' | 'lost' | 'release';

export interface Work {
  /** The delivery to answer; another one than at first where the broker delivered it again. */
  delivery: Delivery;
  stage: 'held' | 'claiming' | 'claimed';
  /** How often the api has answered that somebody else holds the job. */
  busyAnswers: number;
  /** The attempt that was claimed; perhaps of a more urgent job than the one delivered. */
  ref?: AttemptRef;
  claimedAtMs?: number;
  stopReason?: StopReason;
}

export interface WorkInHand {
  /**
   * Takes a delivery in.
   * @returns undefined when there is nothing to do for it: its message has come back and takes the old delivery's place, or its
   * job runs here already on the delivery of another.
   */
  take: (delivery: Delivery) => Work | undefined;
  drop: (work: Work) => void;
  /** Drops it with this answer to its delivery. */
  end: (work: Work, answer: 'ack' | 'requeue') => void;
  has: (work: Work) => boolean;
  all: () => readonly Work[];
  /** Those that were claimed and not yet acknowledged. */
  claimed: () => readonly (Work & { ref: AttemptRef })[];
  /** The one with this attempt. */
  find: (ref: RunRef) => (Work & { ref: AttemptRef }) | undefined;
}

const isClaimed = (work: Work): work is Work & { ref: AttemptRef } => work.ref !== undefined;

/** A message that is new is none of any work's business: the job may have been retried or requeued. The store judges it. */
const mayConcern = (work: Work, delivery: Delivery): boolean =>
  delivery.redelivered && work.stopReason === undefined;

/** Whether a delivery is the message of this work, come back over another channel. */
const isSame = (work: Work, delivery: Delivery): boolean =>
  mayConcern(work, delivery) &&
  work.delivery.jobId === delivery.jobId &&
  (work.ref === undefined || work.ref.id === delivery.jobId);

/**
 * Whether its job runs here already: the claim gave it in place of the job that was delivered, so its own message is spare.
 * The store would take a beat that is late for the death of whoever runs it, and give us the same job once more.
 */
const isSpare = (work: Work, delivery: Delivery): boolean =>
  mayConcern(work, delivery) && work.ref?.id === delivery.jobId;

export const createWorkInHand = (): WorkInHand => {
  /** As many as the prefetch at the most: few enough to look through. */
  const hand = new Set<Work>();

  /** The old delivery's channel has died, mostly: then its acknowledgement does nothing. */
  const adopt = (work: Work, delivery: Delivery): void => {
    work.delivery.ack();
    work.delivery = delivery;
  };

  const all = (): Work[] => [...hand];
  const claimed = (): (Work & { ref: AttemptRef })[] => all().filter(isClaimed);

  return {
    take: (delivery) => {
      const known = all().find((work) => isSame(work, delivery));
      if (known) {
        adopt(known, delivery);
        return undefined;
      }
      if (all().some((work) => isSpare(work, delivery))) {
        delivery.ack();
        return undefined;
      }
      const work: Work = { delivery, stage: 'held', busyAnswers: 0 };
      hand.add(work);
      return work;
    },
    drop: (work) => {
      hand.delete(work);
    },
    end: (work, answer) => {
      hand.delete(work);
      work.delivery[answer]();
    },
    has: (work) => hand.has(work),
    all,
    claimed,
    find: (ref) => claimed().find((work) => isSameRun(work.ref, ref)),
  };
};
