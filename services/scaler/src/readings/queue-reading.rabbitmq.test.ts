import { createLogger } from '@factorial/core/ops/logger';
import { createJobConsumer } from '@factorial/core/queue/job-consumer';
import { createJobPublisher } from '@factorial/core/queue/job-publisher';
import { queueName } from '@factorial/core/queue/topology';
import { createTestRabbit, type TestRabbit } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRequestJson } from '../request-json.ts';
import { createQueueReading } from './queue-reading.ts';

const dispatcher = new Agent();
const logger = createLogger('test', 'silent');
const never = new AbortController().signal;
let rabbit: TestRabbit;

beforeAll(async () => {
  rabbit = await createTestRabbit();
});

afterAll(async () => {
  await rabbit.close();
  await dispatcher.close();
});

const read = async (pool: string, managementUrl = rabbit.managementUrl) =>
  createQueueReading({
    requestJson: createRequestJson(dispatcher),
    managementUrls: [managementUrl],
    vhost: rabbit.vhost,
    queue: queueName(pool),
    timeoutMs: 5_000,
    now: Date.now,
  })(never);

const publishJobs = async (pool: string, count: number): Promise<void> => {
  const publisher = createJobPublisher({ url: rabbit.amqpUrl, logger });
  await publisher.start();
  for (let index = 0; index < count; index += 1) {
    await publisher.publish({ jobId: `job-${index}`, pool, publication: 1, input: index });
  }
  await publisher.stop(never);
};

describe('a real RabbitMQ', () => {
  it('tells what is ready and what a consumer holds', async () => {
    await publishJobs('held', 5);
    const consumer = createJobConsumer({
      url: rabbit.amqpUrl,
      pool: 'held',
      prefetch: 2,
      onDelivery: () => undefined,
      logger,
    });
    await consumer.start();
    const reading = await waitUntil(
      async () => {
        const answer = await read('held');
        return answer.ok && answer.value.unacknowledged === 2 ? answer : undefined;
      },
      { what: 'two messages are held', timeoutMs: 15_000 },
    );
    await consumer.stop(never);
    expect(reading.value).toEqual({ ready: 3, unacknowledged: 2 });
  });

  it('tells of a queue from its first moment', async () => {
    await publishJobs('fresh', 1);
    expect(await read('fresh')).toMatchObject({ ok: true });
  });

  it('says 404 when there is no such queue', async () => {
    expect(await read('nobody')).toEqual({ ok: false, reason: 'answered 404' });
  });

  it('says 401 when the login is wrong', async () => {
    const url = new URL(rabbit.managementUrl);
    url.password = 'wrong';
    expect(await read('held', url.href)).toEqual({ ok: false, reason: 'answered 401' });
  });
});
