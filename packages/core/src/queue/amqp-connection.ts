/**
 * One connection to RabbitMQ that comes back by itself. Channels do not: whoever needs some builds them in `setup`, which
 * runs for every connection anew.
 */
import { type ChannelModel, connect, type RecoveringChannelModel } from 'amqplib';
import { toError } from '../errors/to-error.ts';
import type { Service } from '../lifecycle/service.ts';
import type { Logger } from '../ops/logger.ts';
import { createBrokerNodes } from './broker-nodes.ts';
import { gatherWrites, streamOf } from './gather-writes.ts';
import { within } from '../lifecycle/within.ts';

export interface AmqpConnectionDeps {
  /** One broker, or the nodes of one cluster: the next one is tried whenever a connection is lost or does not come about. */
  url: string | readonly string[];
  /** In logs and as the service's name. */
  name: string;
  logger: Logger;
  /**
   * Runs for each connection before it counts as connected. It has to live with channels that fail, and to end by itself:
   * only the connection's own end ends a connection.
   */
  setup?: (connection: ChannelModel) => Promise<void>;
  connectTimeoutMs?: number;
  heartbeatSeconds?: number;
  /** In [0, 1): chooses the node that is tried first, so that connections spread over a cluster. */
  random?: () => number;
}

export interface AmqpConnection extends Service {
  /** Whether there is a connection and it is set up. */
  connected(): boolean;
  /** Whether the broker takes no messages at present (memory or disk alarm). */
  blocked(): boolean;
}

const reconnect = { initialDelay: 100, maxDelay: 2_000, factor: 2, jitter: 0.2 };

/** The broker's own limit to say goodbye; after that the socket is destroyed. */
const closeTimeoutMs = 2_000;

export const createAmqpConnection = (deps: AmqpConnectionDeps): AmqpConnection => {
  const { name, setup, connectTimeoutMs = 3_000, heartbeatSeconds = 10 } = deps;
  const logger = deps.logger.child({ connection: name });
  const nodes = createBrokerNodes([deps.url].flat(), heartbeatSeconds, deps.random ?? Math.random);
  /** Destroys the socket, whatever state it is in. */
  const sockets = new AbortController();
  let recovering: RecoveringChannelModel | undefined;
  let open: ChannelModel | undefined;
  let isSetUp = false;
  let isBlocked = false;
  let isStopped = false;
  let closing: Promise<void> | undefined;

  const onClose = (connection: ChannelModel): void => {
    if (open !== connection) return;
    open = undefined;
    isSetUp = false;
    isBlocked = false;
  };

  /** Listens before the library does: an error event that nobody listens to would end the process. */
  const listen = (connection: ChannelModel): void => {
    connection.on('error', (err: Error) => logger.warn({ err }, 'amqp connection failed'));
    connection.on('close', () => onClose(connection));
    connection.on('blocked', (reason: string) => {
      isBlocked = true;
      logger.warn({ reason }, 'broker takes no messages');
    });
    connection.on('unblocked', () => {
      isBlocked = false;
      logger.info('broker takes messages again');
    });
  };

  const setUp = async (connection: ChannelModel): Promise<void> => {
    open = connection;
    isBlocked = false;
    listen(connection);
    const stream = streamOf(connection.connection);
    if (stream) gatherWrites(stream);
    await setup?.(connection);
    // The library has not listened for the end yet, and would wait for ever on a connection that has ended meanwhile.
    if (open !== connection) throw new Error('the connection ended while it was set up');
    isSetUp = true;
    logger.info('amqp connected');
  };

  /** Resolves after the first try, however it ends. */
  const firstTry = (model: RecoveringChannelModel): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    model.once('connect', () => resolve());
    model.once('connect-failed', () => resolve());
    sockets.signal.addEventListener('abort', () => resolve(), { once: true });
    return promise;
  };

  const tryNext = (message: string, err: Error): void => {
    logger.warn({ err, node: nodes.current.hostname }, message);
    nodes.next();
  };

  const start = async (): Promise<void> => {
    if (isStopped || recovering) return;
    const recovery = { ...reconnect, waitForConnect: false, setup: setUp };
    const socketOptions = {
      timeout: connectTimeoutMs,
      noDelay: true,
      keepAlive: true,
      signal: sockets.signal,
      recovery,
    };
    const model = await connect(nodes.current, socketOptions);
    recovering = model;
    model.on('error', () => undefined);
    model.on('disconnect', (err: Error) => tryNext('amqp disconnected', err));
    model.on('connect-failed', (err: Error) => tryNext('amqp connect failed', err));
    if (isStopped) await stop();
    else await firstTry(model);
  };

  const close = async (model: RecoveringChannelModel): Promise<void> => {
    try {
      await within(model.close(), closeTimeoutMs, 'closing the amqp connection');
    } catch (thrown) {
      logger.warn({ err: toError(thrown) }, 'amqp close failed');
    }
    if (open) onClose(open);
    sockets.abort();
  };

  const stop = async (): Promise<void> => {
    isStopped = true;
    if (recovering) closing ??= close(recovering);
    await closing;
  };

  return { name, start, stop, connected: () => isSetUp, blocked: () => isBlocked };
};
