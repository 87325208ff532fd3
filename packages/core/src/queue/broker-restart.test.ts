import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureBrokers } from '../../../../dev/brokers/ensure-brokers.ts';
import { type Guard, startGuard } from '../../../../dev/brokers/guard.ts';
import { type RabbitmqBroker, startRabbitmq } from '../../../../dev/brokers/start-rabbitmq.ts';
import { createRecordedLogger } from '../testing/recorded-logger.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { createJobConsumer } from './job-consumer.ts';
import { createJobPublisher } from './job-publisher.ts';

/**
 * RabbitMQ 3.10 writes a new queue's membership to disk up to a second late: killed before that, the queue never has a leader
 * again and has to be deleted. So the load lasts longer than that before the kill.
 */
const loadMs = 3_000;

const never = new AbortController().signal;
const { logger } = createRecordedLogger();

let dataDir: string;
let broker: RabbitmqBroker;
let guard: Guard;

const startBroker = async (): Promise<void> => {
  const { rabbitmq } = await ensureBrokers(process.env);
  const onStart = (pid: number): void => guard.watch(pid);
  broker = await startRabbitmq({ source: rabbitmq, dataDir: join(dataDir, 'rabbitmq'), onStart });
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'factorial-test-'));
  guard = await startGuard(dataDir);
  await startBroker();
});
afterAll(async () => {
  await broker.kill();
  await guard.dismiss();
  await rm(dataDir, { recursive: true, force: true });
});

test('publishes and consumes again, and loses nothing that was confirmed, when the broker is killed and comes back', async () => {
  const confirmed = new Set<string>();
  const handled = new Set<string>();
  const publisher = createJobPublisher({ url: broker.url, logger });
  const consumer = createJobConsumer({
    url: broker.url,
    pool: 'factorial',
    prefetch: 200,
    logger,
    onDelivery: (delivery) => {
      handled.add(delivery.jobId);
      delivery.ack();
    },
  });
  const publish = async (jobId: string): Promise<void> => {
    await publisher.publish({ jobId, pool: 'factorial', publication: 1, input: undefined });
    confirmed.add(jobId);
  };
  /** @returns how many were refused. */
  const publishWave = async (name: string): Promise<number> => {
    const names = Array.from({ length: 500 }, (_, index) => `${name}-${index}`);
    const outcomes = await Promise.allSettled(names.map(publish));
    return outcomes.filter(({ status }) => status === 'rejected').length;
  };
  const publishUntilRefused = async (): Promise<number> => {
    let refused = 0;
    for (let wave = 1; refused === 0; wave += 1) refused = await publishWave(`wave${wave}`);
    return refused;
  };

  await publisher.start();
  await consumer.start();
  const started = performance.now();
  const refused = publishUntilRefused();
  await waitUntil(() => performance.now() - started > loadMs, { what: 'load for a while' });
  await broker.kill();
  expect(await refused).toBeGreaterThan(0);
  expect(confirmed.size).toBeGreaterThan(500);
  const isNoticed = () => !publisher.health().ok && !consumer.consuming();
  await waitUntil(isNoticed, { what: 'both ends have noticed that the broker is gone' });
  expect(publisher.health()).toEqual({ ok: false, reason: 'disconnected' });

  await startBroker();
  await waitUntil(() => publisher.health().ok && consumer.consuming(), {
    what: 'both are back',
    timeoutMs: 15_000,
  });
  expect(await publishWave('after')).toBe(0);
  const missing = () => [...confirmed].filter((jobId) => !handled.has(jobId));
  await waitUntil(() => missing().length === 0, {
    what: 'all confirmed are handled',
    timeoutMs: 20_000,
    pollMs: 100,
  });
  expect(handled.size).toBeGreaterThanOrEqual(confirmed.size);
  await consumer.stop(never);
  await publisher.stop(never);
}, 60_000);
