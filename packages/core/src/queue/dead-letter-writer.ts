/**
 * Sets messages aside with their reason, which a bare refusal has not. It has a connection of its own, made for the first
 * message: a broker in an alarm stops connections that publish, and the consumer's has to go on acknowledging.
 */
import type { ConsumeMessage } from 'amqplib';
import type { Service } from '../lifecycle/service.ts';
import type { Logger } from '../ops/logger.ts';
import type { Clock } from '../time/clock.ts';
import { type DeadLetterFault, deadLetterHeaders } from './dead-letter.ts';
import { createJobPublisher } from './job-publisher.ts';
import { deadLetterQueueName } from './topology.ts';

export interface DeadLetterWriterDeps {
  /** One broker, or the nodes of one cluster. */
  url: string | readonly string[];
  pool: string;
  logger: Logger;
  clock: Clock;
}

export interface DeadLetterWriter extends Pick<Service, 'stop'> {
  /** Resolves when the broker has confirmed that it is among the dead letters; rejects when that is not known. */
  write(message: ConsumeMessage, fault: DeadLetterFault): Promise<void>;
}

export const createDeadLetterWriter = ({
  url,
  pool,
  logger,
  clock,
}: DeadLetterWriterDeps): DeadLetterWriter => {
  const publisher = createJobPublisher({ url, name: 'dead-letters', logger });
  let starting: Promise<void> | undefined;
  return {
    stop: async (deadline) => publisher.stop(deadline),
    write: async ({ content, properties }, fault) => {
      starting ??= publisher.start();
      await starting;
      const { messageId, contentType } = properties;
      await publisher.send(pool, {
        queue: deadLetterQueueName(pool),
        content,
        headers: deadLetterHeaders(fault, properties, clock.now()),
        ...(typeof messageId === 'string' ? { messageId } : {}),
        ...(typeof contentType === 'string' ? { contentType } : {}),
      });
    },
  };
};
