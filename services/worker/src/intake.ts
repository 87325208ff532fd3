/** Which deliveries this worker takes: all while it is open, none while it drains or stops. Keeps them in line until they are claimed. */
import type { Logger } from '@factorial/core/ops/logger';
import type { Delivery, JobConsumer } from '@factorial/core/queue/job-queue';
import type { Work, WorkInHand } from './work.ts';

export interface IntakeDeps {
  consumer: Pick<JobConsumer, 'quiet' | 'resume'>;
  hand: WorkInHand;
  logger: Logger;
  /** Told when there may be something to claim. */
  onReady: () => void;
}

/** `paused`: nothing is taken, since its pool is paused or nobody answers claims, and nobody is about to let this worker go. */
export type Wish = 'open' | 'paused' | 'draining';

export interface Intake {
  isOpen: () => boolean;
  /** Whether it was asked to drain, or stops: no job begins here until it is asked otherwise. */
  isDraining: () => boolean;
  /** Never throws. */
  take: (delivery: Delivery) => void;
  /** @returns those to claim now, in the order of arrival: none unless it is open. */
  next: (count: number) => readonly Work[];
  /** Puts one that cannot be claimed yet back into the line after that time. */
  putOff: (work: Work, ms: number) => void;
  /** Gives back what stands in line beyond this place. */
  shed: (length: number) => void;
  /** Keeps one whose pool is paused until nothing new can come, then gives it back with the rest. Never rejects. */
  pause: (work: Work) => Promise<void>;
  /** As every heartbeat's answer tells: closed as long as it is wanted, open again when it is not. Never rejects. */
  follow: (wish: Wish) => Promise<void>;
  /** Drains for good. Never rejects. */
  close: () => Promise<void>;
}

type State = Wish | 'closed';

export const createIntake = ({ consumer, hand, logger, onReady }: IntakeDeps): Intake => {
  /** Ready to be claimed, in the order of arrival. */
  const line: Work[] = [];
  let state: State = 'open';
  /** The consumer's way to silence, the last one there was. */
  let quieting: Promise<void> = Promise.resolve();
  const isOpen = (): boolean => state === 'open';

  const giveBack = (works: readonly Work[]): void => {
    for (const work of works) hand.end(work, 'requeue');
  };

  const giveAllBack = (): void => {
    line.length = 0;
    giveBack(hand.all().filter(({ stage }) => stage === 'held'));
  };

  const drain = async (next: Exclude<State, 'open'>): Promise<void> => {
    state = next;
    quieting = consumer.quiet();
    await quieting;
    // It may be open again by now: then what it holds stays.
    if (!isOpen()) giveAllBack();
  };

  const open = async (): Promise<void> => {
    state = 'open';
    onReady();
    await consumer.resume();
  };

  const enqueue = (work: Work): void => {
    line.push(work);
    onReady();
  };

  return {
    isOpen,
    isDraining: () => state === 'draining' || state === 'closed',
    take: (delivery) => {
      if (!isOpen()) return delivery.requeue();
      const work = hand.take(delivery);
      if (work) enqueue(work);
    },
    next: (count) => (isOpen() ? line.splice(0, Math.max(0, count)) : []),
    putOff: (work, ms) => {
      if (!isOpen()) return hand.end(work, 'requeue');
      work.stage = 'held';
      // In line even while it drains: it may be open again before what it holds is given back, and that empties the line.
      const timer = setTimeout(() => {
        if (hand.has(work)) enqueue(work);
      }, ms);
      timer.unref();
    },
    shed: (length) => giveBack(line.splice(Math.max(0, length))),
    pause: async (work) => {
      work.stage = 'held';
      // Given back sooner, it would come again at once, and each time counts towards the broker's delivery limit.
      await (isOpen() ? drain('paused') : quieting);
      if (!hand.has(work)) return;
      if (isOpen()) enqueue(work);
      else hand.end(work, 'requeue');
    },
    follow: async (wish) => {
      if (state === 'closed' || wish === state) return;
      logger.info({ was: state, wish }, 'intake changes');
      if (wish === 'open') await open();
      else if (isOpen()) await drain(wish);
      else state = wish;
    },
    close: async () => {
      if (state !== 'closed') await drain('closed');
    },
  };
};
