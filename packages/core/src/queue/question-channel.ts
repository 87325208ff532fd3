/** A channel for declarations and questions, which a wrong one closes: opened when needed, and again after it died. */
import type { Channel, ChannelModel } from 'amqplib';
import { within } from '../lifecycle/within.ts';

export interface QuestionChannelDeps {
  /** The connection of the moment. */
  connection: () => ChannelModel | undefined;
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

  const open = async (): Promise<Channel> => {
    const current = connection();
    if (!current) throw new Error('there is no connection to the broker');
    const channel = await current.createChannel();
    channel.on('error', () => undefined);
    channel.on('close', forget);
    return channel;
  };

  const forget = (): void => {
    opening = undefined;
  };

  const ready = (): Promise<Channel> => {
    opening ??= open();
    return opening;
  };

  /** Whatever went wrong, the next question gets a fresh channel: on this one it might wait behind a lost answer. */
  const giveUp = (): void => {
    opening?.then(closeQuietly).catch(() => undefined);
    forget();
  };

  const ask = async <Answer>(
    what: string,
    question: (channel: Channel) => Promise<Answer>,
  ): Promise<Answer> => {
    try {
      return await within(ready().then(question), timeoutMs, what);
    } catch (thrown) {
      giveUp();
      throw thrown;
    }
  };

  return { ask };
};
