/** The queue's entrance: publishes with confirms on a connection of its own, since an alarm stops connections that publish. */
import type { ChannelModel } from 'amqplib';
import { AppError } from '../errors/app-error.ts';
import type { Service } from '../lifecycle/service.ts';
import type { Logger } from '../ops/logger.ts';
import { createAmqpConnection } from './amqp-connection.ts';
import { createChannelKeeper } from './channel-keeper.ts';
import type { JobPublisher, PublisherHealth } from './job-queue.ts';
import { openPublishChannel, type PublishChannel } from './publish-channel.ts';
import { createQuestionChannel } from './question-channel.ts';
import { assertTopology, queueName } from './topology.ts';

export interface JobPublisherDeps {
  /** One broker, or the nodes of one cluster. */
  url: string | readonly string[];
  logger: Logger;
  /** A message that is not confirmed for this long counts as not published, though it may be. */
  confirmTimeoutMs?: number;
  /** More messages than this without an answer: no further one is taken. */
  maxOutstanding?: number;
  /** For questions and declarations. */
  answerTimeoutMs?: number;
}

const sentences = {
  disconnected: 'there is no connection to the broker',
  blocked: 'the broker takes no messages at present',
  overloaded: 'too many messages wait for the broker',
};

/** RabbitMQ's answer to a question about a queue that does not exist: then it holds no messages either. */
const isNoQueue = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.message.includes('NOT_FOUND - no queue');

export const createJobPublisher = (deps: JobPublisherDeps): JobPublisher & Service => {
  const { url, confirmTimeoutMs = 5_000, maxOutstanding = 10_000, answerTimeoutMs = 2_000 } = deps;
  const logger = deps.logger.child({ part: 'job-publisher' });
  let connection: ChannelModel | undefined;

  const questions = { connection: () => connection, timeoutMs: answerTimeoutMs };
  const declarations = createQuestionChannel(questions);
  const counts = createQuestionChannel(questions);

  const declare = (pool: string): Promise<number> =>
    declarations.ask('declaring a queue', async (channel) => assertTopology(channel, pool));

  const keeper = createChannelKeeper<PublishChannel>({
    open: async (model) => openPublishChannel(model, { declare, confirmTimeoutMs }),
    logger,
  });

  const amqp = createAmqpConnection({
    url,
    name: 'publisher',
    logger,
    setup: async (model) => {
      connection = model;
      model.once('close', () => {
        if (connection === model) connection = undefined;
      });
      await keeper.attach(model);
    },
  });

  const health = (): PublisherHealth => {
    const channel = keeper.current();
    if (!channel) return { ok: false, reason: 'disconnected' };
    if (amqp.blocked()) return { ok: false, reason: 'blocked' };
    return channel.outstanding() < maxOutstanding ? { ok: true } : { ok: false, reason: 'overloaded' };
  };

  const messagesReady = async (pool: string): Promise<number> => {
    try {
      const queue = queueName(pool);
      const { messageCount } = await counts.ask('counting', async (channel) => channel.checkQueue(queue));
      return messageCount;
    } catch (thrown) {
      if (!isNoQueue(thrown))
        throw new AppError('queue-unavailable', 'the broker does not tell', { cause: thrown });
      keeper.current()?.forget(pool);
      return 0;
    }
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
    publish: (hint) => {
      const channel = keeper.current();
      const state = health();
      if (channel && state.ok) return channel.publish(hint);
      return Promise.reject(
        new AppError('queue-unavailable', sentences[state.ok ? 'disconnected' : state.reason]),
      );
    },
    messagesReady,
  };
};
