/** The queue's entrance: publishes with confirms on a connection of its own, since an alarm stops connections that publish. */
import type { ChannelModel } from 'amqplib';
import { AppError } from '../errors/app-error.ts';
import type { Service } from '../lifecycle/service.ts';
import type { Logger } from '../ops/logger.ts';
import { createAmqpConnection } from './amqp-connection.ts';
import { createChannelKeeper } from './channel-keeper.ts';
import type { JobPublisher, PublisherHealth } from './job-queue.ts';
import { createDeadLetterQueue, type DeadLetterQueue } from './dead-letter-queue.ts';
import { brokerAnswer, isNoQueue } from './broker-answer.ts';
import { type MessageSender, openPublishChannel, type PublishChannel } from './publish-channel.ts';
import { createQuestionChannel } from './question-channel.ts';
import { assertTopology, queueName } from './topology.ts';

export interface JobPublisherDeps {
  /** One broker, or the nodes of one cluster. */
  url: string | readonly string[];
  /** In logs, of the connection. */
  name?: string;
  logger: Logger;
  /** A message that is not confirmed for this long counts as not published, though it may be. */
  confirmTimeoutMs?: number;
  /** More messages than this without an answer: no further one is taken. */
  maxOutstanding?: number;
  /** For questions and declarations. */
  answerTimeoutMs?: number;
}

/** For taking dead letters out: up to 50 messages, and Redis's answer that it has them. */
const takeTimeoutMs = 5_000;

const sentences = {
  disconnected: 'there is no connection to the broker',
  blocked: 'the broker takes no messages at present',
  overloaded: 'too many messages wait for the broker',
  full: 'the queue is at its limit',
};

export type Publisher = JobPublisher & MessageSender & Service & { deadLetters: DeadLetterQueue };

export const createJobPublisher = (deps: JobPublisherDeps): Publisher => {
  const {
    url,
    name = 'publisher',
    confirmTimeoutMs = 5_000,
    maxOutstanding = 10_000,
    answerTimeoutMs = 2_000,
  } = deps;
  const logger = deps.logger.child({ part: 'job-publisher' });
  let connection: ChannelModel | undefined;

  const questions = { connection: () => connection, timeoutMs: answerTimeoutMs };
  const declarations = createQuestionChannel(questions);
  const counts = createQuestionChannel(questions);

  const declare = (pool: string): Promise<number> =>
    declarations.ask('declaring a queue', async (channel) => assertTopology(channel, pool));

  const countIn = async (queue: string): Promise<number> => {
    const { messageCount } = await counts.ask('counting', async (channel) => channel.checkQueue(queue));
    return messageCount;
  };

  const hasMessages = (queue: string): Promise<boolean> =>
    countIn(queue).then(
      (count) => count > 0,
      () => false,
    );

  const keeper = createChannelKeeper<PublishChannel>({
    open: async (model) => openPublishChannel(model, { declare, hasMessages, confirmTimeoutMs }),
    logger,
  });

  const amqp = createAmqpConnection({
    url,
    name,
    logger,
    setup: async (model) => {
      connection = model;
      model.once('close', () => {
        if (connection === model) connection = undefined;
      });
      await keeper.attach(model);
    },
  });

  const health = (pool?: string): PublisherHealth => {
    const channel = keeper.current();
    if (!channel) return { ok: false, reason: 'disconnected' };
    if (amqp.blocked()) return { ok: false, reason: 'blocked' };
    if (channel.outstanding() >= maxOutstanding) return { ok: false, reason: 'overloaded' };
    return pool !== undefined && channel.refuses(pool) ? { ok: false, reason: 'full' } : { ok: true };
  };

  const messagesReady = async (pool: string): Promise<number> => {
    try {
      return await countIn(queueName(pool));
    } catch (thrown) {
      if (!isNoQueue(thrown)) return brokerAnswer(Promise.reject(thrown));
      keeper.current()?.forget(pool);
      return 0;
    }
  };

  const onChannel = (use: (channel: PublishChannel) => Promise<void>): Promise<void> => {
    const channel = keeper.current();
    const state = health();
    if (channel && state.ok) return use(channel);
    return Promise.reject(
      new AppError('queue-unavailable', sentences[state.ok ? 'disconnected' : state.reason]),
    );
  };
  const sender: MessageSender = {
    send: (pool, message) => onChannel((channel) => channel.send(pool, message)),
  };

  return {
    name: 'job-publisher',
    start: async () => amqp.start(),
    stop: async (deadline) => {
      // Not waited for: the connection's end ends it, whatever it is at.
      void keeper.release();
      await amqp.stop(deadline);
    },
    health,
    publish: (hint) => onChannel((channel) => channel.publish(hint)),
    ...sender,
    deadLetters: createDeadLetterQueue({
      questions: createQuestionChannel(questions),
      takes: createQuestionChannel({ ...questions, timeoutMs: takeTimeoutMs }),
      counts: createQuestionChannel(questions),
      sender,
    }),
    messagesReady,
  };
};
