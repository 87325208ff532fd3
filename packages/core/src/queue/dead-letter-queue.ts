/** The queues of dead letters as the api sees them: letters are taken out, sent back to work, or thrown away. */
import type { Channel, GetMessage } from 'amqplib';
import { brokerAnswer, isNoQueue } from './broker-answer.ts';
import { type RawDeadLetter, readDeadLetter } from './dead-letter.ts';
import type { MessageSender } from './publish-channel.ts';
import type { QuestionChannel } from './question-channel.ts';
import { assertDeadLetterQueue, deadLetterQueueName, queueName } from './topology.ts';

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
  /** Apart from questions, whose failure would end the channel under a letter that is kept already. */
  takes: QuestionChannel;
  /** Apart from questions: here it may be asked for a queue that does not exist, which closes the channel. */
  counts: QuestionChannel;
  sender: MessageSender;
}

/**
 * A slow broker gets less to do at a time: what is not answered before the question's own limit would go back, and the
 * broker counts that.
 */
const longestGetMs = 500;

const getAll = async (channel: Channel, queue: string, most: number): Promise<GetMessage[]> => {
  const messages: GetMessage[] = [];
  const endMs = performance.now() + longestGetMs;
  while (messages.length < most && performance.now() < endMs) {
    const message = await channel.get(queue, { noAck: false });
    if (!message) break;
    messages.push(message);
  }
  return messages;
};

const takeFrom = async (
  channel: Channel,
  { pool, most, keep }: { pool: string; most: number; keep: KeepLetters },
): Promise<number> => {
  const messages = await getAll(channel, deadLetterQueueName(pool), most);
  const isKept = messages.length > 0 && (await keep(messages.map(readDeadLetter))) === 'kept';
  for (const message of messages) {
    if (isKept) channel.ack(message);
    else channel.nack(message, false, true);
  }
  return isKept ? messages.length : 0;
};

/** Whoever only looks makes no queue: the pool may be gone. */
const countIn = async (counts: QuestionChannel, pool: string): Promise<number> => {
  const queue = deadLetterQueueName(pool);
  try {
    const { messageCount } = await counts.ask('counting dead letters', async (channel) =>
      channel.checkQueue(queue),
    );
    return messageCount;
  } catch (thrown) {
    return isNoQueue(thrown) ? 0 : brokerAnswer(Promise.reject(thrown));
  }
};

/** A question about a queue that does not exist would close the channel. */
const askOn =
  (questions: QuestionChannel) =>
  async <Answer>(
    what: string,
    pool: string,
    question: (channel: Channel) => Promise<Answer>,
  ): Promise<Answer> =>
    brokerAnswer(
      questions.ask(what, async (channel) => {
        await assertDeadLetterQueue(channel, pool);
        return question(channel);
      }),
    );

export const createDeadLetterQueue = ({
  questions,
  takes,
  counts,
  sender,
}: DeadLetterQueueDeps): DeadLetterQueue => {
  const ask = askOn(questions);
  const take = askOn(takes);

  return {
    take: async (pool, most, keep) =>
      take('taking dead letters', pool, async (channel) => takeFrom(channel, { pool, most, keep })),
    waiting: async (pool) => countIn(counts, pool),
    purge: async (pool) =>
      ask('purging dead letters', pool, async (channel) => {
        const { messageCount } = await channel.purgeQueue(deadLetterQueueName(pool));
        return messageCount;
      }),
    redrive: async (pool, { content, messageId, contentType, traceparent }) =>
      sender.send(pool, {
        queue: queueName(pool),
        content,
        ...(messageId === undefined ? {} : { messageId }),
        ...(contentType === undefined ? {} : { contentType }),
        ...(traceparent === undefined ? {} : { headers: { traceparent } }),
      }),
  };
};
