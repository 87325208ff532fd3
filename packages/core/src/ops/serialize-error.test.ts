import { createServer } from 'node:net';
import { ReplyError } from 'ioredis';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAmqpConnection } from '../queue/amqp-connection.ts';
import { connectRedis, createRedisClient } from '../redis/redis-client.ts';
import { createRecordedLogger } from '../testing/recorded-logger.ts';
import { createTestRabbit, type TestRabbit } from '../testing/test-rabbit.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { serializeError } from './serialize-error.ts';

const secret = 'S3CRET';

describe('an error in the log', () => {
  test('has type, message, stack, code and cause, and nothing that a library hung on to it', () => {
    const refused = Object.assign(new ReplyError('WRONGPASS no'), {
      command: { name: 'hello', args: ['3', 'AUTH', 'default', secret] },
    });
    const thrown = Object.assign(new TypeError('failed', { cause: refused }), {
      code: 'E_ONE',
      config: { password: secret },
    });
    const { logger, lines } = createRecordedLogger();
    logger.warn({ err: thrown }, 'failed so');
    logger.warn(thrown);
    for (const { err } of lines) {
      expect(err).toEqual({
        type: 'TypeError',
        message: 'failed',
        stack: thrown.stack,
        code: 'E_ONE',
        cause: { type: 'ReplyError', message: 'WRONGPASS no', stack: refused.stack },
      });
    }
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain(secret);
  });

  test.each([
    `ERR unknown command \`HELLO\`, with args beginning with: \`3\`, \`AUTH\`, \`default\`, \`${secret}\`, `,
    `Request cannot be constructed from a URL that includes credentials: http://ann:${secret}@one/x`,
    `no such host amqp://ann:p@${secret}@one:1, amqp://ann:a/${secret}@two`,
  ])('has no credentials in its message when that is %s', (message) => {
    const told = serializeError(new Error(message, { cause: message }));
    expect(JSON.stringify(told)).not.toContain(secret);
    expect(told.message).toContain('[redacted]');
    expect(told.message.slice(0, 10)).toBe(message.slice(0, 10));
  });

  test('ends when its causes go in a circle', () => {
    const thrown = new Error('round');
    thrown.cause = thrown;
    expect(serializeError(thrown)).toMatchObject({ message: 'round', cause: { message: 'round' } });
  });

  test('is told by its type when it is none', () => {
    expect(serializeError({ password: secret })).toEqual({ type: 'object', message: '' });
    expect(serializeError('broken')).toEqual({ type: 'string', message: 'broken' });
  });
});

describe('a refusal by', () => {
  let redis: TestRedis;
  let rabbit: TestRabbit;
  beforeAll(async () => {
    [redis, rabbit] = await Promise.all([createTestRedis(), createTestRabbit()]);
  });
  afterAll(async () => {
    await redis.close();
    await rabbit.close();
  });

  test('Redis is logged without the password', async () => {
    const url = new URL(redis.url);
    url.username = 'nobody';
    url.password = secret;
    const log = createRecordedLogger();
    const client = createRedisClient({ url: url.href, logger: log.logger });
    await connectRedis(client).catch(() => undefined);
    await waitUntil(() => log.linesOf('redis connection failed').length > 0, { what: 'it is refused' });
    client.disconnect();
    expect(log.linesOf('redis connection failed')[0]).toMatchObject({ err: { type: 'ReplyError' } });
    expect(JSON.stringify(log.lines)).toMatch(/WRONGPASS/);
    expect(JSON.stringify(log.lines)).not.toContain(secret);
  });

  test('RabbitMQ is logged without the password', async () => {
    const url = new URL(rabbit.amqpUrl);
    url.password = secret;
    const log = createRecordedLogger();
    const amqp = createAmqpConnection({ url: url.href, name: 'test', logger: log.logger });
    await amqp.start();
    await amqp.stop(AbortSignal.timeout(5_000));
    expect(log.linesOf('amqp connect failed')[0]).toMatchObject({
      err: { message: expect.stringMatching(/ACCESS.REFUSED/) },
    });
    expect(JSON.stringify(log.lines)).not.toContain(secret);
  });

  test('an HTTP server that cuts the line is logged without the credentials', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { logger, lines } = createRecordedLogger();
    const url = `http://ann:${secret}@127.0.0.1:${port}/`;
    for (const ask of [async () => request(url), async () => fetch(url)]) {
      await ask().catch((err: unknown) => logger.warn({ err }, 'failed'));
    }
    server.close();
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain(secret);
  });
});
