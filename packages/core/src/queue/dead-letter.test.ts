import { connect, type ChannelModel } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRecordedLogger } from '../testing/recorded-logger.ts';
import { startTcpProxy } from '../testing/tcp-proxy.ts';
import { createTestRabbit, type TestRabbit } from '../testing/test-rabbit.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { openConsumeChannel } from './consume-channel.ts';
import { readDeadLetter, type RawDeadLetter } from './dead-letter.ts';
import { createJobPublisher, type Publisher } from './job-publisher.ts';
import { assertTopology, deadLetterQueueName, queueName } from './topology.ts';

const never = new AbortController().signal;

let rabbit: TestRabbit;
let connection: ChannelModel;
let publisher: Publisher;
/** Each test has queues of its own. */
let pool: string;
let tests = 0;
const log = createRecordedLogger();
const { logger } = log;

beforeAll(async () => {
  rabbit = await createTestRabbit();
  connection = await connect(rabbit.amqpUrl);
});
afterAll(async () => {
  await connection.close();
  await rabbit.close();
});
beforeEach(async () => {
  tests += 1;
  pool = `pool-${tests}`;
  publisher = createJobPublisher({ url: rabbit.amqpUrl, logger });
  await publisher.start();
  const channel = await connection.createChannel();
  await assertTopology(channel, pool);
  await channel.close();
});
afterEach(async () => publisher.stop(never));

const readyIn = async (queue: string) => (await rabbit.queueCounts(queue))?.ready;
const bury = async (...bodies: string[]) => rabbit.sendAll(deadLetterQueueName(pool), bodies);
const takeAll = async (most = 10): Promise<RawDeadLetter[]> => {
  const taken: RawDeadLetter[] = [];
  await publisher.deadLetters.take(pool, most, async (letters) => {
    taken.push(...letters);
    return Promise.resolve('kept');
  });
  return taken;
};
const bodies = (letters: readonly RawDeadLetter[]) => letters.map(({ content }) => content.toString());

/** The broker sets it aside by its own means: refused once, or delivered until it has enough. */
const refuseAll = async (answer: 'refuse' | 'requeue'): Promise<void> =>
  rabbit.refuseAll(queueName(pool), answer, async () => (await readyIn(deadLetterQueueName(pool))) === 1);

describe('the reason of a dead letter', () => {
  test.each([
    ['well', '{"request_id":"a"}', 'rejected'],
    ['not JSON', 'hello', 'not_json'],
    ['of a later version', '{"version":2}', 'unknown_version'],
  ])(
    'is found in the message itself when it was refused without a word and is %s',
    async (_, body, reason) => {
      await rabbit.sendAll(queueName(pool), [body]);
      await refuseAll('refuse');
      const [letter] = await takeAll();
      expect(letter).toMatchObject({ reason, content: Buffer.from(body) });
      expect(Math.abs(Date.now() - (letter?.diedAtMs ?? 0))).toBeLessThan(30_000);
    },
  );

  test('is the broker’s own when it was delivered too often', async () => {
    await rabbit.sendAll(queueName(pool), ['{"request_id":"a"}']);
    await refuseAll('requeue');
    expect((await takeAll())[0]).toMatchObject({ reason: 'delivery_limit' });
  });

  test('is unknown when somebody has put it there by hand', async () => {
    await bury('{"request_id":"a"}');
    expect((await takeAll())[0]).toMatchObject({ reason: 'unknown', diedAtMs: undefined });
  });

  test('is found whatever else the headers hold', () => {
    const letter = {
      content: Buffer.from('{"request_id":"a"}'),
      properties: {
        headers: { 'x-death': 7, 'x-factorial-reason': 'nonsense', 'x-first-death-reason': 'maxlen' },
      },
    };
    expect(readDeadLetter(letter)).toMatchObject({
      reason: 'unknown',
      detail: 'the broker says: maxlen',
    });
  });

  test('is cut and has no control characters, whoever has written it', () => {
    const headers = {
      'x-factorial-reason': 'rejected',
      'x-factorial-detail': `\u0000\n${'x'.repeat(60_000)}`,
    };
    const letter = readDeadLetter({ content: Buffer.from('x'), properties: { headers } });
    expect(letter.detail).toBe(`\uFFFD\uFFFD${'x'.repeat(498)}`);
  });

  test('is lost, and the message is not, when it could not be written', async () => {
    const refusing = {
      pool,
      prefetch: 1,
      logger,
      onDelivery: () => undefined,
      deadLetters: { write: async () => Promise.reject(new Error('no confirm')) },
    };
    const channel = await openConsumeChannel(connection, refusing);
    await rabbit.sendAll(queueName(pool), ['hello']);
    await waitUntil(async () => (await readyIn(deadLetterQueueName(pool))) === 1, {
      what: 'it is set aside',
    });
    expect(log.linesOf('dead letter left to the broker, without its reason')).toHaveLength(1);
    expect((await takeAll())[0]).toMatchObject({ reason: 'not_json' });
    await channel.retire();
  });
});

describe('the time of a dead letter', () => {
  const diedAtMs = (headers: object) =>
    readDeadLetter({ content: Buffer.from('x'), properties: { headers } }).diedAtMs;
  const brokerDeath = (seconds: number) => ({ 'x-death': [{ time: { '!': 'timestamp', value: seconds } }] });

  const last = Date.parse('9999-12-31T23:59:59.999Z');

  test('is nobody’s when a date of four digits for the year cannot tell it', () => {
    for (const time of [1e300, 8.64e15, last + 1, -1, '7', Number.NaN])
      expect(diedAtMs({ 'x-factorial-died-at': time })).toBeUndefined();
    for (const seconds of [1e300, 8.64e12, (last + 1) / 1_000, -1])
      expect(diedAtMs(brokerDeath(seconds))).toBeUndefined();
  });

  test('is the broker’s when the header tells none', () => {
    expect(diedAtMs({ ...brokerDeath(7), 'x-factorial-died-at': 1e300 })).toBe(7_000);
    expect(diedAtMs({ ...brokerDeath(7), 'x-factorial-died-at': last })).toBe(last);
  });
});

describe('the queue of dead letters', () => {
  test('gives them up, oldest first, when they were kept, as many as asked for', async () => {
    await bury('a', 'b', 'c');
    expect(bodies(await takeAll(2))).toEqual(['a', 'b']);
    expect(await publisher.deadLetters.waiting(pool)).toBe(1);
    expect(bodies(await takeAll(2))).toEqual(['c']);
    expect(
      await publisher.deadLetters.take(pool, 2, async () => Promise.reject(new Error('not asked'))),
    ).toBe(0);
  });

  test('has them all again when there was no room for them, and when keeping them failed', async () => {
    await bury('a', 'b');
    expect(await publisher.deadLetters.take(pool, 5, async () => Promise.resolve('full'))).toBe(0);
    const failing = publisher.deadLetters.take(pool, 5, async () =>
      Promise.reject(new Error('redis is away')),
    );
    await expect(failing).rejects.toMatchObject({ code: 'queue-unavailable' });
    await waitUntil(async () => (await publisher.deadLetters.waiting(pool)) === 2, { what: 'both are back' });
    expect(bodies(await takeAll()).toSorted()).toEqual(['a', 'b']);
  });

  test('gives them up though questions in the meantime had no answer', async () => {
    await bury('a');
    const proxy = await startTcpProxy(rabbit.amqpUrl);
    const slow = createJobPublisher({ url: proxy.url, logger, answerTimeoutMs: 200 });
    await slow.start();
    const taken = await slow.deadLetters.take(pool, 5, async () => {
      proxy.freeze();
      await expect(slow.deadLetters.waiting(pool)).rejects.toMatchObject({ code: 'queue-unavailable' });
      proxy.thaw();
      return 'kept';
    });
    expect(taken).toBe(1);
    // An answer on the same channel: the broker has the acknowledgement.
    expect(await slow.deadLetters.take(pool, 5, async () => Promise.resolve('full'))).toBe(0);
    await slow.stop(never);
    await proxy.close();
    expect(await takeAll()).toEqual([]);
  });

  test('holds none when it was never made, and whoever asks at the same time has an answer', async () => {
    const { deadLetters } = publisher;
    await bury('a');
    const keep = async () => Promise.resolve('kept' as const);
    const answers = await Promise.all([
      deadLetters.waiting('never-1'),
      deadLetters.take(pool, 5, keep),
      deadLetters.take('never-2', 5, keep),
      deadLetters.purge('never-3'),
    ]);
    expect(answers).toEqual([0, 1, 0, 0]);
  });

  test('is not made when its letters are counted', async () => {
    expect(await publisher.deadLetters.waiting('gone')).toBe(0);
    expect(await rabbit.queueCounts(deadLetterQueueName('gone'))).toBeUndefined();
    await bury('a');
    expect(await publisher.deadLetters.waiting(pool)).toBe(1);
  });

  test('is emptied when it is purged', async () => {
    await bury('a', 'b');
    expect(await publisher.deadLetters.purge(pool)).toBe(2);
    expect(await readyIn(deadLetterQueueName(pool))).toBe(0);
  });

  test('puts a letter into the pool’s queue as it was', async () => {
    const letter = {
      content: Buffer.from('{"request_id":"a"}'),
      messageId: 'a:1',
      contentType: 'application/json',
      traceparent: '00-1-2-01',
    };
    await publisher.deadLetters.redrive(pool, letter);
    const message = await rabbit.take(queueName(pool));
    expect(message?.content).toEqual(letter.content);
    expect(message?.properties).toMatchObject({
      messageId: 'a:1',
      contentType: 'application/json',
      deliveryMode: 2,
      headers: { traceparent: '00-1-2-01' },
    });
  });

  test('puts a letter into the pool’s queue alone, whatever other queues its headers name', async () => {
    const elsewhere = queueName(`${pool}-other`);
    await rabbit.declareClassicQueue(elsewhere);
    await rabbit.sendAll(deadLetterQueueName(pool), ['poison'], { CC: [elsewhere], BCC: [elsewhere] });
    await rabbit.purgeQueue(elsewhere);
    for (const letter of await takeAll()) await publisher.deadLetters.redrive(pool, letter);
    expect([await readyIn(queueName(pool)), await readyIn(elsewhere)]).toEqual([1, 0]);
    expect((await rabbit.take(queueName(pool)))?.properties.headers).not.toHaveProperty('CC');
  });

  test.each([
    ['is too long for AMQP', '€'.repeat(86), undefined],
    ['was no UTF-8 and is longer for that', '\uFFFD'.repeat(200), undefined],
    ['was no UTF-8', 'a\uFFFD', undefined],
    ['just fits', '€'.repeat(85), '€'.repeat(85)],
  ])('puts a letter into the pool’s queue when its id %s', async (_, messageId, id) => {
    const properties = { messageId, contentType: messageId };
    await publisher.deadLetters.redrive(pool, readDeadLetter({ content: Buffer.from('x'), properties }));
    const message = await rabbit.take(queueName(pool));
    expect(message?.content.toString()).toBe('x');
    expect([message?.properties.messageId, message?.properties.contentType]).toEqual([id, id]);
  });

  test('makes the queues again when somebody has deleted them, and says so once', async () => {
    const letter = {
      content: Buffer.from('x'),
      messageId: undefined,
      contentType: undefined,
      traceparent: undefined,
    };
    await publisher.deadLetters.redrive(pool, letter);
    expect((await rabbit.take(queueName(pool)))?.properties.messageId).toBeUndefined();
    await rabbit.deleteQueue(queueName(pool));
    await expect(publisher.deadLetters.redrive(pool, letter)).rejects.toMatchObject({
      code: 'queue-unavailable',
    });
    await publisher.deadLetters.redrive(pool, letter);
    expect(await readyIn(queueName(pool))).toBe(1);
  });

  test('says queue-unavailable while the broker is away', async () => {
    await publisher.stop(never);
    await expect(publisher.deadLetters.waiting(pool)).rejects.toMatchObject({ code: 'queue-unavailable' });
    await expect(takeAll()).rejects.toMatchObject({ code: 'queue-unavailable' });
  });
});
