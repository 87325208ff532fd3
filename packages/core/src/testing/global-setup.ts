/** Starts one private RabbitMQ and one private Redis for the whole test run, and leaves no process behind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureBrokers } from '../../../../dev/brokers/ensure-brokers.ts';
import { startGuard } from '../../../../dev/brokers/guard.ts';
import { startRabbitmq } from '../../../../dev/brokers/start-rabbitmq.ts';
import { startRedis } from '../../../../dev/brokers/start-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    amqpUrl: string;
    /** With credentials. */
    managementUrl: string;
    redisUrl: string;
  }
}

/** Where to find the brokers, and how to be rid of them. */
interface TestBrokers {
  amqpUrl: string;
  managementUrl: string;
  redisUrl: string;
  stop: () => Promise<void>;
}

const givenBrokers = (env: NodeJS.ProcessEnv): TestBrokers | undefined => {
  const {
    TEST_AMQP_URL: amqpUrl,
    TEST_RABBITMQ_MANAGEMENT_URL: managementUrl,
    TEST_REDIS_URL: redisUrl,
  } = env;
  if (!amqpUrl || !managementUrl || !redisUrl) return undefined;
  return { amqpUrl, managementUrl, redisUrl, stop: async () => Promise.resolve() };
};

/** Killed, not stopped, at the end: nobody reads their data again. */
const startBrokers = async (): Promise<TestBrokers> => {
  const sources = await ensureBrokers(process.env);
  const dataDir = await mkdtemp(join(tmpdir(), 'factorial-test-'));
  const guard = await startGuard(dataDir);
  const onStart = (pid: number): void => guard.watch(pid);
  const [redis, rabbitmq] = await Promise.all([
    startRedis({ source: sources.redis, dataDir: join(dataDir, 'redis'), appendfsync: 'off', onStart }),
    startRabbitmq({ source: sources.rabbitmq, dataDir: join(dataDir, 'rabbitmq'), onStart }),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([redis.kill(), rabbitmq.kill()]);
    await guard.dismiss();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  return { amqpUrl: rabbitmq.url, managementUrl: rabbitmq.managementUrl, redisUrl: redis.url, stop };
};

const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const { amqpUrl, managementUrl, redisUrl, stop } = givenBrokers(process.env) ?? (await startBrokers());
  project.provide('amqpUrl', amqpUrl);
  project.provide('managementUrl', managementUrl);
  project.provide('redisUrl', redisUrl);
  return stop;
};

export default setup;
