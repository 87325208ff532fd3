/** One confirm channel: sends messages, and tells each sender alone what became of its message. */
import { randomUUID } from 'node:crypto';
import type { ChannelModel, ConfirmChannel, Message } from 'amqplib';
import { AppError } from '../errors/app-error.ts';
import type { KeptChannel } from './channel-keeper.ts';
import { encodeJobMessage } from './job-message.ts';
import type { JobHint } from './job-queue.ts';
import { deadLetterQueueName, queueName } from './topology.ts';

export interface PublishChannelDeps {
  /** Makes sure that the pool's queue exists. */
  declare: (pool: string) => Promise<unknown>;
  /** Whether messages wait in the queue, as far as the broker tells. Never rejects. */
  hasMessages: (queue: string) => Promise<boolean>;
  confirmTimeoutMs: number;
}

/** A message for one of a pool's two queues. */
export interface OutgoingMessage {
  queue: string;
  content: Buffer;
  messageId?: string;
  contentType?: string;
  headers?: Readonly<Record<string, unknown>>;
}

export interface MessageSender {
  /** Resolves when the broker has confirmed that the message is in the queue; rejects after a deadline, on a return or a lost channel. */
  send(pool: string, message: OutgoingMessage): Promise<void>;
}

export interface PublishChannel extends KeptChannel, MessageSender {
  /** Messages that the broker has not answered for, those included whose sender has given up waiting. */
  outstanding(): number;
  publish(hint: JobHint): Promise<void>;
  /** Whether the pool's queue has refused a message a moment ago, and taken none since. */
  refuses(pool: string): boolean;
  /** The pool's queue may be gone: it is declared again before the next message. */
  forget(pool: string): void;
}

const unavailable = (detail: string, cause?: unknown): AppError =>
  new AppError('queue-unavailable', detail, { cause });

/** A queue that is at its limit: RabbitMQ does not take the message (`x-overflow: reject-publish`). */
const isRefusal = (err: unknown): boolean => err instanceof Error && err.message === 'message nacked';

/**
 * Which queues have refused a message. After this time the next message is a try: nobody else would find out that there is
 * room again, for the job that was refused may have been done or cancelled meanwhile.
 */
const refusalMs = 5_000;

/** A queue that loses its leader refuses what is on its way, too; one in which no message waits is not full. */
export const createRefusals = (hasMessages: (queue: string) => Promise<boolean>) => {
  const refusedAtMs = new Map<string, number>();
  const takenAtMs = new Map<string, number>();
  const look = async (queue: string): Promise<void> => {
    const beganAtMs = performance.now();
    const isTaken = (): boolean => (takenAtMs.get(queue) ?? Number.NEGATIVE_INFINITY) > beganAtMs;
    if ((await hasMessages(queue)) && !isTaken()) refusedAtMs.set(queue, performance.now());
  };
  return {
    note: (queue: string, err: unknown): void => {
      if (isRefusal(err)) void look(queue);
      else if (!err) {
        takenAtMs.set(queue, performance.now());
        refusedAtMs.delete(queue);
      }
    },
    has: (queue: string): boolean =>
      performance.now() - (refusedAtMs.get(queue) ?? Number.NEGATIVE_INFINITY) < refusalMs,
  };
};

/** Which queues are known to exist; several senders wait for one and the same declaration. */
const createDeclarations = (declare: (pool: string) => Promise<unknown>) => {
  const declared = new Set<string>();
  const declaring = new Map<string, Promise<void>>();

  const start = async (pool: string): Promise<void> => {
    try {
      await declare(pool);
      declared.add(queueName(pool));
      declared.add(deadLetterQueueName(pool));
    } catch (thrown) {
      throw unavailable('the queue could not be declared', thrown);
    } finally {
      declaring.delete(pool);
    }
  };

  return {
    has: (pool: string): boolean => declared.has(queueName(pool)) && declared.has(deadLetterQueueName(pool)),
    forget: (queue: string): boolean => declared.delete(queue),
    ensure: (pool: string): Promise<void> => {
      const running = declaring.get(pool) ?? start(pool);
      declaring.set(pool, running);
      return running;
    },
  };
};

/** @returns an open channel with confirms on. */
export const openPublishChannel = async (
  connection: ChannelModel,
  { declare, hasMessages, confirmTimeoutMs }: PublishChannelDeps,
): Promise<PublishChannel> => {
  const ending = Promise.withResolvers<string>();
  const declarations = createDeclarations(declare);
  const refusals = createRefusals(hasMessages);
  /** Ids of messages that came back. The broker sends a message back before it confirms it. */
  const returned: string[] = [];
  let outstanding = 0;

  const channel: ConfirmChannel = await connection.createConfirmChannel();
  channel.on('error', (err: Error) => ending.resolve(err.message));
  channel.on('close', () => ending.resolve('channel closed'));
  channel.on('return', ({ fields, properties }: Message) => {
    declarations.forget(fields.routingKey);
    returned.push(String(properties.messageId ?? properties.correlationId));
  });

  const wasReturned = (messageId: string): boolean => {
    const index = returned.length === 0 ? -1 : returned.indexOf(messageId);
    if (index >= 0) returned.splice(index, 1);
    return index >= 0;
  };

  /** Settles once: by the broker's answer, by the channel's end (which answers for all at once), or by time. */
  const sendNow = (message: OutgoingMessage): Promise<void> => {
    const { queue, content, headers, contentType, messageId } = message;
    // A message of somebody else's that has no id gets none from us, and is known by this when it comes back.
    const correlationId = messageId ?? randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(unavailable(`the broker did not confirm within ${confirmTimeoutMs} ms`)),
      confirmTimeoutMs,
    );
    const onAnswer = (err: unknown): void => {
      outstanding -= 1;
      clearTimeout(timer);
      refusals.note(queue, err);
      if (wasReturned(correlationId)) reject(unavailable('the broker has no queue for the message'));
      else if (err) reject(unavailable('the broker did not take the message', err));
      else resolve();
    };
    const options = {
      mandatory: true,
      persistent: true,
      ...(messageId === undefined ? { correlationId } : { messageId }),
      ...(contentType === undefined ? {} : { contentType }),
    };
    try {
      channel.sendToQueue(queue, content, headers ? { ...options, headers } : options, onAnswer);
      outstanding += 1;
    } catch (thrown) {
      clearTimeout(timer);
      reject(unavailable('the channel is closed', thrown));
    }
    return promise;
  };

  const send = (pool: string, message: OutgoingMessage): Promise<void> =>
    declarations.has(pool) ? sendNow(message) : declarations.ensure(pool).then(() => sendNow(message));

  return {
    ended: ending.promise,
    outstanding: () => outstanding,
    refuses: (pool) => refusals.has(queueName(pool)),
    send,
    publish: (hint) => {
      const queue = queueName(hint.pool);
      return send(hint.pool, { ...encodeJobMessage(hint), queue, contentType: 'application/json' });
    },
    forget: (pool) => declarations.forget(queueName(pool)),
    retire: async () => channel.close().catch(() => undefined),
  };
};
