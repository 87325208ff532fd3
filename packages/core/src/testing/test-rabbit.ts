/** A place of its own in the tests' RabbitMQ for one test file: a vhost, and a user who can see no other. */
import { randomUUID } from 'node:crypto';
import { type Channel, type ChannelModel, connect, type ConsumeMessage, type GetMessage } from 'amqplib';
import { brokerUrls } from './broker-urls.ts';
import { waitUntil } from './wait-until.ts';
import { createManagementApi, type ManagementApi } from './management-api.ts';

export interface QueueCounts {
  /** Messages that no consumer holds. */
  ready: number;
  consumers: number;
}

type Headers = Readonly<Record<string, unknown>>;

export interface TestRabbit {
  /** Of this file's user and vhost. */
  amqpUrl: string;
  /** Of the administrator, as the global setup gave it. */
  managementUrl: string;
  vhost: string;
  /** Counted at this moment; undefined when there is no such queue. */
  queueCounts(queue: string): Promise<QueueCounts | undefined>;
  deleteQueue(queue: string): Promise<void>;
  purgeQueue(queue: string): Promise<void>;
  /** A queue as somebody else might have declared it: not with our arguments. */
  declareClassicQueue(queue: string): Promise<void>;
  /** Puts messages into a queue, whatever they say, with headers that the broker may act on. */
  sendAll(queue: string, contents: readonly string[], headers?: Headers): Promise<void>;
  /** Gives every message of a queue back, or refuses it, until the condition holds. */
  refuseAll(queue: string, answer: 'requeue' | 'refuse', until: () => Promise<boolean>): Promise<void>;
  /** Takes a message out of a queue. */
  take(queue: string): Promise<GetMessage | undefined>;
  /** As an operator would: everybody in this vhost is disconnected by the broker, and may come back. */
  closeAllConnections(): Promise<void>;
  /** Removes the vhost with all that is in it. */
  close(): Promise<void>;
}

const makeVhost = async (api: ManagementApi, name: string): Promise<void> => {
  await api.put(`vhosts/${name}`);
  await api.put(`users/${name}`, { password: name, tags: '' });
  await api.put(`permissions/${name}/${name}`, { configure: '.*', write: '.*', read: '.*' });
};

const urlFor = (amqpUrl: string, name: string): string => {
  const url = new URL(amqpUrl);
  url.username = name;
  url.password = name;
  url.pathname = `/${name}`;
  return url.href;
};

/** One channel for one question: a wrong one (no such queue) closes it. */
const onChannel = async <Answer>(
  url: string,
  ask: (channel: Channel) => Promise<Answer>,
): Promise<Answer> => {
  const connection: ChannelModel = await connect(url, { timeout: 5_000 });
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    return await ask(channel);
  } finally {
    await connection.close().catch(() => undefined);
  }
};

interface RawMessages {
  queue: string;
  contents: readonly string[];
  headers: Headers;
}

const sendTo = async (url: string, { queue, contents, headers }: RawMessages): Promise<void> =>
  onChannel(url, async (channel) => {
    const options = { persistent: true, headers };
    for (const content of contents) channel.sendToQueue(queue, Buffer.from(content), options);
    // A question on the same channel: its answer comes after the messages were taken in.
    await channel.checkQueue(queue);
  });

/** Puts messages into a queue of any broker, whatever they say. */
export const sendRaw = async (url: string, queue: string, contents: readonly string[]): Promise<void> =>
  sendTo(url, { queue, contents, headers: {} });

const isMissing = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.message.includes('NOT_FOUND');

/** @param url with credentials, of any broker. @returns undefined when there is no such queue. */
export const queueCountsAt = async (url: string, queue: string): Promise<QueueCounts | undefined> => {
  try {
    const { messageCount, consumerCount } = await onChannel(url, async (channel) =>
      channel.checkQueue(queue),
    );
    return { ready: messageCount, consumers: consumerCount };
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
};

export const createTestRabbit = async (
  { amqpUrl, managementUrl }: { amqpUrl: string; managementUrl: string } = brokerUrls(),
): Promise<TestRabbit> => {
  const api = createManagementApi(managementUrl);
  const vhost = `test-${randomUUID()}`;
  const url = urlFor(amqpUrl, vhost);
  await makeVhost(api, vhost);
  return {
    amqpUrl: url,
    managementUrl,
    vhost,
    queueCounts: async (queue) => queueCountsAt(url, queue),
    deleteQueue: async (queue) => {
      await onChannel(url, async (channel) => channel.deleteQueue(queue));
    },
    purgeQueue: async (queue) => {
      await onChannel(url, async (channel) => channel.purgeQueue(queue));
    },
    declareClassicQueue: async (queue) => {
      await onChannel(url, async (channel) => channel.assertQueue(queue, { durable: true }));
    },
    sendAll: async (queue, contents, headers = {}) => sendTo(url, { queue, contents, headers }),
    refuseAll: async (queue, answer, until) =>
      onChannel(url, async (channel) => {
        const refuse = (message: ConsumeMessage | null) =>
          message && channel.nack(message, false, answer === 'requeue');
        const { consumerTag } = await channel.consume(queue, refuse);
        await waitUntil(until, { what: 'all that was to come of it' });
        await channel.cancel(consumerTag);
      }),
    take: async (queue) =>
      onChannel(url, async (channel) => (await channel.get(queue, { noAck: true })) || undefined),
    // The management API fails when one of those it has listed ends by itself meanwhile: then the others are still to be closed.
    closeAllConnections: async () => {
      await waitUntil(
        async () =>
          api.remove(`connections/username/${vhost}`).then(
            () => true,
            () => false,
          ),
        { what: 'the connections are closed' },
      );
    },
    close: async () => {
      await api.remove(`vhosts/${vhost}`);
      await api.remove(`users/${vhost}`);
    },
  };
};
