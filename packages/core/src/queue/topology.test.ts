import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestRabbit, type TestRabbit } from '../testing/test-rabbit.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { assertTopology, deadLetterQueueName, queueName } from './topology.ts';

let rabbit: TestRabbit;
let connection: ChannelModel;
let channel: Channel;
beforeAll(async () => {
  rabbit = await createTestRabbit();
  connection = await connect(rabbit.amqpUrl);
  channel = await connection.createChannel();
});
afterAll(async () => {
  await connection.close();
  await rabbit.close();
});

test('names the queues as the seed does when the pool is the default one', () => {
  expect(queueName('factorial')).toBe('factorial_process');
  expect(deadLetterQueueName('factorial')).toBe('factorial_dead');
});

test('declares both queues, and again without harm when they exist', async () => {
  expect(await assertTopology(channel, 'twice')).toBe(0);
  await rabbit.sendAll(queueName('twice'), ['x']);
  expect(await assertTopology(channel, 'twice')).toBe(1);
  expect(await rabbit.queueCounts(deadLetterQueueName('twice'))).toEqual({ ready: 0, consumers: 0 });
});

test('sets a message aside when it was given back more often than the limit', async () => {
  await assertTopology(channel, 'poison');
  await rabbit.sendAll(queueName('poison'), ['bad']);
  let deliveries = 0;
  const { consumerTag } = await channel.consume(queueName('poison'), (message) => {
    if (!message) return;
    deliveries += 1;
    channel.nack(message, false, true);
  });
  await waitUntil(async () => (await rabbit.queueCounts(deadLetterQueueName('poison')))?.ready === 1, {
    what: 'the message is a dead letter',
  });
  await channel.cancel(consumerTag);
  expect(deliveries).toBe(21);
});
