/** The private brokers of a test system. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBrokers } from '../brokers/ensure-brokers.ts';
import { createRabbitmqctl, type Rabbitmqctl } from '../brokers/rabbitmqctl.ts';
import { startRabbitmq } from '../brokers/start-rabbitmq.ts';
import { startRedis } from '../brokers/start-redis.ts';
import { wipeRabbitmq } from '../brokers/wipe-rabbitmq.ts';
import { createRestartable, type Restartable } from './restartable.ts';

export interface SystemBrokers {
  redis: Restartable;
  rabbitmq: Restartable;
  /** The same for each of their lives. */
  redisUrl: string;
  amqpUrl: string;
  managementUrl: string;
  rabbitmqctl: Rabbitmqctl;
  /** Deletes all that RabbitMQ has stored; it must not run. */
  wipeRabbitmq: () => Promise<void>;
}

/** Brokers that a test has started in its own way: nobody operates them by way of the system. */
export type OtherBrokers = Omit<SystemBrokers, 'rabbitmqctl' | 'wipeRabbitmq'>;

const refuse = async (): Promise<never> =>
  Promise.reject(new Error('these brokers are not the system’s own'));

export const asSystemBrokers = (brokers: OtherBrokers): SystemBrokers => ({
  ...brokers,
  rabbitmqctl: refuse,
  wipeRabbitmq: refuse,
});

export interface SystemBrokerOptions {
  dir: string;
  appendfsync?: 'always' | 'everysec';
  /** Added to the environment of each. */
  brokerEnv?: Readonly<Partial<Record<'redis' | 'rabbitmq', Readonly<Record<string, string>>>>>;
}

export const startSystemBrokers = async (options: SystemBrokerOptions): Promise<SystemBrokers> => {
  const { dir, appendfsync = 'always', brokerEnv = {} } = options;
  const sources = await ensureBrokers(process.env);
  await Promise.all(['redis', 'rabbitmq'].map(async (name) => mkdir(join(dir, name))));
  const place = { source: sources.rabbitmq, dataDir: join(dir, 'rabbitmq') };
  const urls = { redisUrl: '', amqpUrl: '', managementUrl: '' };
  const redis = createRestartable(async () => {
    const broker = await startRedis({
      source: sources.redis,
      dataDir: join(dir, 'redis'),
      appendfsync,
      ...(brokerEnv.redis && { env: brokerEnv.redis }),
    });
    urls.redisUrl = broker.url;
    return broker;
  });
  const rabbitmq = createRestartable(async () => {
    const broker = await startRabbitmq({
      ...place,
      ...(brokerEnv.rabbitmq && { env: brokerEnv.rabbitmq }),
    });
    urls.amqpUrl = broker.url;
    urls.managementUrl = broker.managementUrl;
    return broker;
  });
  await Promise.all([redis.start(), rabbitmq.start()]);
  return {
    redis,
    rabbitmq,
    ...urls,
    rabbitmqctl: createRabbitmqctl(place),
    wipeRabbitmq: async () => wipeRabbitmq(place),
  };
};
