import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestRabbit, type TestRabbit } from '../testing/test-rabbit.ts';
import { createQuestionChannel } from './question-channel.ts';

let rabbit: TestRabbit;
let connection: ChannelModel;
beforeAll(async () => {
  rabbit = await createTestRabbit();
  connection = await connect(rabbit.amqpUrl);
});
afterAll(async () => {
  await connection.close();
  await rabbit.close();
});

const create = (timeoutMs = 5_000) => createQuestionChannel({ connection: () => connection, timeoutMs });
const itself = async (channel: Channel) => Promise.resolve(channel);
const noAnswer = async (): Promise<never> => new Promise(() => undefined);
/** The broker answers no question on a channel that is closed. */
const isOpen = async (channel: Channel): Promise<boolean> =>
  channel.prefetch(1).then(
    () => true,
    () => false,
  );

test('answers each of many at once when the broker refuses one of them', async () => {
  const questions = create();
  const refused = questions.ask('one', async (channel) => channel.checkQueue('none'));
  const others = ['a', 'b', 'c'].map(async (name) => questions.ask(name, isOpen));
  await expect(refused).rejects.toThrow('NOT_FOUND');
  expect(await Promise.all(others)).toEqual([true, true, true]);
});

test('closes the channel of a question that had no answer, and not the next one', async () => {
  const questions = create(200);
  const first = await questions.ask('the first', itself);
  await expect(questions.ask('the second', noAnswer)).rejects.toThrow('the second took longer than');
  const next = await questions.ask('the third', itself);
  expect(next).not.toBe(first);
  // An answer on the same connection: the old channel's end has come in before it.
  await connection.createChannel().then(async (channel) => channel.close());
  expect(await questions.ask('the fourth', itself)).toBe(next);
  expect(await isOpen(next)).toBe(true);
  expect(await isOpen(first)).toBe(false);
});

test('begins no question whose time is over before its turn comes', async () => {
  const questions = create(200);
  const outcomes = await Promise.allSettled([
    questions.ask('the first', noAnswer),
    questions.ask('the second', itself),
  ]);
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && String(outcome.reason))).toEqual([
    expect.stringContaining('the first took longer than'),
    'Error: the second was not begun within 200 ms',
  ]);
  expect(await questions.ask('the third', isOpen)).toBe(true);
});

test('says so when there is no connection, and asks as soon as there is one', async () => {
  let current: ChannelModel | undefined;
  const questions = createQuestionChannel({ connection: () => current, timeoutMs: 5_000 });
  await expect(questions.ask('one', itself)).rejects.toThrow('no connection');
  current = connection;
  expect(await questions.ask('one', isOpen)).toBe(true);
});
