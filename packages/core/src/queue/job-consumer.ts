/** The queue's exit: keeps a consumer on the pool's queue, through lost connections and dead channels. */
import type { Service } from '../lifecycle/service.ts';
import { sleep } from '../lifecycle/sleep.ts';
import type { Logger } from '../ops/logger.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { createAmqpConnection } from './amqp-connection.ts';
import { createChannelKeeper } from './channel-keeper.ts';
import { openConsumeChannel } from './consume-channel.ts';
import { createDeadLetterWriter } from './dead-letter-writer.ts';
import type { Delivery, JobConsumer } from './job-queue.ts';
import { within } from '../lifecycle/within.ts';

export interface JobConsumerDeps {
  /** One broker, or the nodes of one cluster. */
  url: string | readonly string[];
  pool: string;
  /**
   * Must not compute: the connection's heartbeats share its event loop. Must not throw: the channel is closed then, and
   * all that is held on it goes back.
   */
  onDelivery: (delivery: Delivery) => void;
  /** Deliveries held unanswered at a time. */
  prefetch: number;
  logger: Logger;
  clock?: Clock;
}

const quietTimeoutMs = 3_000;
const lastAnswersMs = 1_000;

/**
 * RabbitMQ fixes a consumer's prefetch when it begins, and quorum queues know no other. A new prefetch therefore gets a new
 * channel with a new consumer; the old one is cancelled and lives on until the last of its deliveries is answered. Until
 * then up to old + new are held.
 */
export const createJobConsumer = (deps: JobConsumerDeps): JobConsumer & Service => {
  const { url, pool, clock = systemClock } = deps;
  const logger = deps.logger.child({ part: 'job-consumer', pool });
  let { prefetch } = deps;
  let isQuiet = false;
  let wasConsuming = false;
  let sinceMs = clock.now();

  const consuming = (): boolean => !isQuiet && keeper.current() !== undefined;

  const noteChange = (): void => {
    if (consuming() === wasConsuming) return;
    wasConsuming = !wasConsuming;
    sinceMs = clock.now();
  };

  const deadLetters = createDeadLetterWriter({ url, pool, logger, clock });
  const { onDelivery } = deps;

  const keeper = createChannelKeeper({
    open: async (connection) =>
      openConsumeChannel(connection, { pool, prefetch, onDelivery, deadLetters, logger }),
    onChange: noteChange,
    logger,
  });

  const amqp = createAmqpConnection({
    url,
    name: 'consumer',
    logger,
    setup: async (connection) => keeper.attach(connection),
  });

  const quiet = async (): Promise<void> => {
    isQuiet = true;
    noteChange();
    await within(keeper.release(), quietTimeoutMs, 'cancelling the consumer').catch((err: unknown) =>
      logger.warn({ err }, 'consumer may still get deliveries'),
    );
  };

  const resume = async (): Promise<void> => {
    isQuiet = false;
    await keeper.restore();
  };

  return {
    name: 'job-consumer',
    start: async () => amqp.start(),
    stop: async (deadline) => {
      await quiet();
      // Its channel ends by itself a moment after the last acknowledgement; a connection that ended first would lose that.
      const kept = keeper.current();
      if (kept && !deadline.aborted) await Promise.race([kept.ended, sleep(lastAnswersMs, deadline)]);
      await amqp.stop(deadline);
      await deadLetters.stop(deadline);
    },
    consuming,
    connected: () => amqp.connected(),
    since: () => sinceMs,
    setPrefetch: async (count) => {
      if (count === prefetch) return;
      prefetch = count;
      await keeper.renew();
    },
    quiet,
    resume,
  };
};
