/** The queues of a pool: their names, and the arguments they are declared with. Built here and nowhere else. */
import type { Channel } from 'amqplib';

/** A message that was delivered and given back this often is set aside. */
const deliveryLimit = 20;

/** Where a pool's jobs wait. */
export const queueName = (pool: string): string => `${pool}_process`;

/** Where messages end up that nobody can work on. */
export const deadLetterQueueName = (pool: string): string => `${pool}_dead`;

const quorum = { 'x-queue-type': 'quorum' };

/** Declares a pool's queue of dead letters; finds it as it is when it exists already. */
export const assertDeadLetterQueue = async (channel: Channel, pool: string): Promise<void> => {
  await channel.assertQueue(deadLetterQueueName(pool), { durable: true, arguments: quorum });
};

/**
 * Declares a pool's two queues; finds them as they are when they exist already.
 * At-least-once dead lettering is granted only together with `reject-publish`.
 *
 * @returns the number of messages ready.
 * @throws when a queue of that name exists with other arguments; the broker closes the channel then.
 */
export const assertTopology = async (channel: Channel, pool: string): Promise<number> => {
  const deadLetters = deadLetterQueueName(pool);
  await assertDeadLetterQueue(channel, pool);
  const { messageCount } = await channel.assertQueue(queueName(pool), {
    durable: true,
    arguments: {
      ...quorum,
      'x-delivery-limit': deliveryLimit,
      'x-overflow': 'reject-publish',
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': deadLetters,
      'x-dead-letter-strategy': 'at-least-once',
    },
  });
  return messageCount;
};
