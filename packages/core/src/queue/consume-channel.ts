/** One channel with one consumer on it: hands deliveries out, and takes each one's answer at most once. */
import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { toError } from '../errors/to-error.ts';
import type { Logger } from '../ops/logger.ts';
import type { DeadLetterFault } from './dead-letter.ts';
import type { DeadLetterWriter } from './dead-letter-writer.ts';
import type { KeptChannel } from './channel-keeper.ts';
import { decodeJobMessage } from './job-message.ts';
import type { Delivery } from './job-queue.ts';
import { assertTopology, queueName } from './topology.ts';
import { within } from '../lifecycle/within.ts';

export interface ConsumeChannelDeps {
  pool: string;
  prefetch: number;
  onDelivery: (delivery: Delivery) => void;
  deadLetters: Pick<DeadLetterWriter, 'write'>;
  logger: Logger;
}

/** How a message is answered; a dead one goes to the dead letters by the broker's hand, without its reason. */
type Answer = 'done' | 'requeue' | 'dead';

const cancelTimeoutMs = 2_000;

/**
 * Between the last acknowledgement and the end of the channel. Under load a quorum queue's client inside the broker keeps
 * acknowledgements back, and loses them with the channel: the messages would be delivered a second time.
 */
const settleMs = 500;

const send = (channel: Channel, message: ConsumeMessage, answer: Answer): void => {
  if (answer === 'done') channel.ack(message);
  else channel.nack(message, false, answer === 'requeue');
};

/** @returns a channel on which messages arrive already. */
export const openConsumeChannel = async (
  connection: ChannelModel,
  { pool, prefetch, onDelivery, deadLetters, logger }: ConsumeChannelDeps,
): Promise<KeptChannel> => {
  const ending = Promise.withResolvers<string>();
  /** Delivery tags count from 1 on each channel; this makes them unique. */
  const channelId = randomUUID();
  let held = 0;
  let isRetired = false;
  let isCancelled = false;
  let isOver = false;

  const channel = await connection.createChannel();
  const end = (reason: string): void => {
    isOver = true;
    ending.resolve(reason);
  };
  channel.on('error', (err: Error) => end(err.message));
  channel.on('close', () => end('channel closed'));

  /** What is held on it goes back to the queue. */
  const close = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    await channel.close().catch(() => undefined);
  };

  const closeWhenDone = (): void => {
    if (isCancelled && held === 0) setTimeout(() => void close(), settleMs).unref();
  };

  const answer = (message: ConsumeMessage, kind: Answer): void => {
    held -= 1;
    if (isOver) return;
    try {
      send(channel, message, kind);
    } catch {
      // The channel is being closed: its end is on the way, and gives everything back.
      return;
    }
    closeWhenDone();
  };

  const toDelivery = (message: ConsumeMessage, jobId: string): Delivery => {
    let isAnswered = false;
    const once = (kind: Answer) => (): void => {
      if (isAnswered) return;
      isAnswered = true;
      answer(message, kind);
    };
    const { deliveryTag, redelivered } = message.fields;
    return {
      jobId,
      nonce: `${channelId}-${deliveryTag}`,
      redelivered,
      ack: once('done'),
      requeue: once('requeue'),
    };
  };

  /** Acknowledged only when it is safe among the dead letters: whoever dies in between leaves two of it, never none. */
  const setAside = async (message: ConsumeMessage, fault: DeadLetterFault): Promise<void> => {
    const { messageId } = message.properties;
    logger.error(
      {
        ...fault,
        ...(messageId === undefined ? {} : { messageId: String(messageId) }),
        bytes: message.content.length,
      },
      'message set aside',
    );
    try {
      await deadLetters.write(message, fault);
      answer(message, 'done');
    } catch (thrown) {
      logger.warn({ err: toError(thrown) }, 'dead letter left to the broker, without its reason');
      answer(message, 'dead');
    }
  };

  const hand = (message: ConsumeMessage): void => {
    held += 1;
    const decoded = decodeJobMessage(message.content);
    if (decoded.ok) onDelivery(toDelivery(message, decoded.jobId));
    else void setAside(message, decoded.fault);
  };

  const onMessage = (message: ConsumeMessage | null): void => {
    if (message) return hand(message);
    // The broker has cancelled the consumer: the queue is gone, its leader moved, or a delivery was held too long. What is
    // held may be in the queue again, and an answer to it would be an error.
    ending.resolve('consumer cancelled by the broker');
    void close();
  };

  await assertTopology(channel, pool);
  await channel.prefetch(prefetch);
  const { consumerTag } = await channel.consume(queueName(pool), onMessage, { noAck: false });

  const cancel = async (): Promise<void> => {
    try {
      await within(channel.cancel(consumerTag), cancelTimeoutMs, 'cancelling the consumer');
      isCancelled = true;
      closeWhenDone();
    } catch (thrown) {
      if (!isOver) logger.warn({ err: toError(thrown) }, 'consumer could not be cancelled');
      void close();
    }
  };

  return {
    ended: ending.promise,
    retire: async () => {
      if (isRetired || isOver) return;
      isRetired = true;
      await cancel();
    },
  };
};
