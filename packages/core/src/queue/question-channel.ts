/**
 * A channel for declarations and questions, which a wrong one closes: opened when needed, and again after it died. One
 * question at a time has it, so that none can end the channel under another; on the wire they go one by one anyway.
 */
import type { Channel, ChannelModel } from 'amqplib';
import { within } from '../lifecycle/within.ts';

export interface QuestionChannelDeps {
  /** The connection of the moment. */
  connection: () => ChannelModel | undefined;
  /** For a question, and for those before it that it waits for. */
  timeoutMs: number;
}

export interface QuestionChannel {
  /** Rejects when there is no connection, when the broker refuses, and when it does not answer in time. */
  ask<Answer>(what: string, question: (channel: Channel) => Promise<Answer>): Promise<Answer>;
}

/** Its close rejects or throws when it is closed already, which is as good. */
const closeQuietly = async (channel: Channel): Promise<void> => {
  await channel.close().catch(() => undefined);
};

export const createQuestionChannel = ({ connection, timeoutMs }: QuestionChannelDeps): QuestionChannel => {
  let opening: Promise<Channel> | undefined;
  /** Fulfilled when the question before has its answer, or none. */
  let before: Promise<unknown> = Promise.resolve();

  /** The end of a channel of the past says nothing about today's. */
  const forget = (which: Promise<Channel>): void => {
    if (opening === which) opening = undefined;
  };

  const open = async (): Promise<Channel> => {
    const current = connection();
    if (!current) throw new Error('there is no connection to the broker');
    return current.createChannel();
  };

  const ready = (): Promise<Channel> => {
    if (opening) return opening;
    const asked = open().then((channel) => {
      channel.on('error', () => undefined);
      channel.on('close', () => forget(asked));
      return channel;
    });
    opening = asked;
    return asked;
  };

  /** Whatever went wrong, the next question gets a fresh channel: on this one it might wait behind a lost answer. */
  const giveUp = (asked: Promise<Channel>): void => {
    asked.then(closeQuietly).catch(() => undefined);
    forget(asked);
  };

  const ask: QuestionChannel['ask'] = (what, question) => {
    const endMs = performance.now() + timeoutMs;
    const inTurn = async () => {
      const leftMs = Math.floor(endMs - performance.now());
      if (leftMs <= 0) throw new Error(`${what} was not begun within ${timeoutMs} ms`);
      const asked = ready();
      try {
        return await within(asked.then(question), leftMs, what);
      } catch (thrown) {
        giveUp(asked);
        throw thrown;
      }
    };
    const answer = before.then(inTurn);
    before = answer.catch(() => undefined);
    return answer;
  };

  return { ask };
};
