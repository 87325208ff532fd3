/** RabbitMQ and Redis of a local system: those named by the environment, private ones otherwise. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Service } from '@factorial/core/lifecycle/service';
import type { Broker, BrokerOptions } from '../brokers/broker.ts';
import { ensureBrokers, type EnsuredBrokers } from '../brokers/ensure-brokers.ts';
import { startRabbitmq } from '../brokers/start-rabbitmq.ts';
import { startRedis } from '../brokers/start-redis.ts';
import type { RunContext } from './run-context.ts';
import type { RunSettings } from './settings.ts';

export interface BrokerUrls {
  amqpUrl: string;
  /** With credentials. */
  managementUrl: string;
  redisUrl: string;
}

export interface RunBrokers {
  /** Those to be started and stopped by us. */
  services: Service[];
  /** To be asked when the services have started. */
  urls: () => BrokerUrls;
}

type Start<Started> = (options: Omit<BrokerOptions, 'source'>) => Promise<Started>;

/**
 * A first start that was cut off can leave a database RabbitMQ refuses, as can one of another version. No job is lost
 * with it: Redis holds the truth, and what is missing here is published again.
 */
const startRabbitmqOrAnew =
  (
    source: EnsuredBrokers['rabbitmq'],
    say: RunContext['say'],
  ): Start<Awaited<ReturnType<typeof startRabbitmq>>> =>
  async (options) => {
    try {
      return await startRabbitmq({ ...options, source });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      say('RabbitMQ does not start on its data; starting it with an empty database.');
      await rm(join(options.dataDir, 'mnesia'), { recursive: true, force: true });
      return startRabbitmq({ ...options, source });
    }
  };

const supervise = <Started extends Broker>(
  context: RunContext,
  name: string,
  start: Start<Started>,
): { service: Service; broker: () => Started } => {
  let broker: Started | undefined;
  const { local } = context;
  const service = context.supervise(name, async (signal, onStart) => {
    broker = await start({ dataDir: local.file(name), logFile: local.log(name), signal, onStart });
    return broker;
  });
  return {
    service,
    broker: () => {
      if (!broker) throw new Error(`${name} has not been started`);
      return broker;
    },
  };
};

/** @throws with one sentence when only one of the two URLs of a RabbitMQ is given. */
const checkPair = ({ AMQP_URL, RABBITMQ_MANAGEMENT_URL }: RunSettings): void => {
  if ((AMQP_URL === undefined) === (RABBITMQ_MANAGEMENT_URL === undefined)) return;
  throw new Error(
    'AMQP_URL and RABBITMQ_MANAGEMENT_URL belong together: set both, or none for a private RabbitMQ.',
  );
};

/** @throws with one sentence when a broker is neither given nor there to be started. */
export const prepareBrokers = async (context: RunContext, settings: RunSettings): Promise<RunBrokers> => {
  checkPair(settings);
  const { AMQP_URL: amqpUrl, RABBITMQ_MANAGEMENT_URL: managementUrl, REDIS_URL: redisUrl } = settings;
  if (amqpUrl && managementUrl && redisUrl) {
    return { services: [], urls: () => ({ amqpUrl, managementUrl, redisUrl }) };
  }
  const sources = await ensureBrokers(process.env);
  const appendfsync = settings.REDIS_APPENDFSYNC;
  const redis = supervise(context, 'redis', async (options) =>
    startRedis({ ...options, source: sources.redis, appendfsync }),
  );
  const rabbitmq = supervise(context, 'rabbitmq', startRabbitmqOrAnew(sources.rabbitmq, context.say));
  return {
    services: [...(redisUrl ? [] : [redis.service]), ...(amqpUrl ? [] : [rabbitmq.service])],
    urls: () => ({
      redisUrl: redisUrl ?? redis.broker().url,
      amqpUrl: amqpUrl ?? rabbitmq.broker().url,
      managementUrl: managementUrl ?? rabbitmq.broker().managementUrl,
    }),
  };
};
