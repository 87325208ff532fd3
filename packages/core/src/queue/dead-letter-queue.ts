/** The queues of dead letters as the api sees them: letters are taken out, sent back to work, or thrown away. */
import type { GetMessage } from 'amqplib';
import { type RawDeadLetter, readDeadLetter } from './dead-letter.ts';
import { brokerAnswer, isNoQueue } from './broker-answer.ts';
import type { MessageSender } from './publish-channel.ts';
import type { QuestionChannel } from './question-channel.ts';
import { deadLetterQueueName, queueName } from './topology.ts';

/** Remembers the letters. `full`: there is no room, they stay in the broker. */
export type KeepLetters = (letters: readonly RawDeadLetter[]) => Promise<'kept' | 'full'>;

export type LetterToSend = Pick<RawDeadLetter, 'content' | 'messageId' | 'contentType' | 'traceparent'>;

/** Every method throws AppError `queue-unavailable` when the broker does not answer. */
export interface DeadLetterQueue {
  /**
   * Takes up to `most` letters out of the broker, the oldest first. They are gone there after `keep` has kept them; when it
   * rejects, or we die, they are in the queue again.
   *
   * @returns how many were kept.
   */
  take(pool: string, most: number, keep: KeepLetters): Promise<number>;
  /** Letters that lie in the broker. */
  waiting(pool: string): Promise<number>;
  /** Throws away those that lie in the broker. @returns how many. */
  purge(pool: string): Promise<number>;
  /** Puts a letter into its pool's queue again; resolves when the broker has confirmed it. */
  redrive(pool: string, letter: LetterToSend): Promise<void>;
}

export interface DeadLetterQueueDeps {
  questions: QuestionChannel;
  sender: MessageSender;
}

const noneWithoutQueue = (thrown: unknown): number => {
  if (isNoQueue(thrown)) return 0;
  throw thrown;
};

export const createDeadLetterQueue = ({ questions, sender }: DeadLetterQueueDeps): DeadLetterQueue => ({
  take: async (pool, most, keep) =>
    brokerAnswer(
      questions
        .ask('taking dead letters', async (channel) => {
          const messages: GetMessage[] = [];
          while (messages.length < most) {
            const message = await channel.get(deadLetterQueueName(pool), { noAck: false });
            if (!message) break;
            messages.push(message);
          }
          const isKept = messages.length > 0 && (await keep(messages.map(readDeadLetter))) === 'kept';
          for (const message of messages) {
            if (isKept) channel.ack(message);
            else channel.nack(message, false, true);
          }
          return isKept ? messages.length : 0;
        })
        .catch(noneWithoutQueue),
    ),
  waiting: async (pool) =>
    brokerAnswer(
      questions
        .ask('counting dead letters', async (channel) => channel.checkQueue(deadLetterQueueName(pool)))
        .then(({ messageCount }) => messageCount)
        .catch(noneWithoutQueue),
    ),
  purge: async (pool) =>
    brokerAnswer(
      questions
        .ask('purging dead letters', async (channel) => channel.purgeQueue(deadLetterQueueName(pool)))
        .then(({ messageCount }) => messageCount)
        .catch(noneWithoutQueue),
    ),
  redrive: async (pool, { content, messageId, contentType, traceparent }) =>
    sender.send(pool, {
      queue: queueName(pool),
      content,
      ...(messageId === undefined ? {} : { messageId }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(traceparent === undefined ? {} : { headers: { traceparent } }),
    }),
});
