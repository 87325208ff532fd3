import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRecordedLogger } from '../testing/recorded-logger.ts';
import { type Answer, type RespServer, startRespServer } from '../testing/resp-server.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { followPrimary } from './follow-primary.ts';
import { parseSentinelUrl, redisAddress } from './redis-url.ts';

const news = '+switch-master';
const log = createRecordedLogger();
const servers: RespServer[] = [];
let clients: Redis[];
let old: RespServer;
let next: RespServer;

const start = async (answer: Answer, refused = 0): Promise<RespServer> => {
  const server = await startRespServer(answer, refused);
  servers.push(server);
  return server;
};

beforeEach(async () => {
  clients = [];
  old = await start(() => 'old');
  next = await start(() => 'next');
});
afterEach(async () => {
  for (const client of clients) client.disconnect();
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
});

const switched = (): string => `jobs 127.0.0.1 ${old.port} 127.0.0.1 ${next.port}`;
const addressOf = ({ port }: RespServer) => ['127.0.0.1', String(port)];
const subscribed = ['subscribe', news, 1];

const follow = (...sentinels: readonly RespServer[]): Redis => {
  const url = `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/jobs`;
  const address = redisAddress(url);
  const options = 'options' in address ? address.options : {};
  const redis = new Redis({ ...options, lazyConnect: true, retryStrategy: () => 1 });
  redis.on('error', () => undefined);
  followPrimary({ redis, url: parseSentinelUrl(url), logger: log.logger, reconnectDelayMs: () => 1 });
  clients.push(redis);
  return redis;
};

const whereIs = async (redis: Redis): Promise<string | null> => redis.get('x');
const listensTo = async (sentinel: RespServer): Promise<void> => {
  await waitUntil(() => sentinel.tell('other', '') === 1, { what: 'it listens' });
};
const isAtNext = async (redis: Redis): Promise<void> => {
  await waitUntil(async () => (await whereIs(redis)) === 'next', { what: 'it is at the new primary' });
};

test('a client hears a sentinel that was away for many tries when the service started', async () => {
  let primary = old;
  const answer: Answer = (command) => (command === 'sentinel' ? addressOf(primary) : subscribed);
  const first = await start(answer);
  // A command that waits is given up after 20 tries.
  const late = await start(answer, 25);
  const redis = follow(first, late);
  await redis.connect();
  expect(await whereIs(redis)).toBe('old');
  primary = next;
  await waitUntil(() => late.tell(news, switched()) > 0, { what: 'it listens to the late one' });
  await isAtNext(redis);
});

test('a client hears a sentinel again when their connection is lost', async () => {
  const first = await start((command) => (command === 'sentinel' ? addressOf(old) : undefined));
  const second: RespServer = await start(() => subscribed);
  await follow(first, second).connect();
  await listensTo(second);
  second.cut();
  await waitUntil(() => second.connections() === 2, { what: 'it connects again' });
  await listensTo(second);
  expect(second.connections()).toBe(2);
});

test('a client that is connecting to the old primary when it hears of the new one goes there', async () => {
  let primary = old;
  const asked = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<void>();
  const sentinel = await start(async (command) => {
    if (command !== 'sentinel') return subscribed;
    const said = addressOf(primary);
    asked.resolve();
    await heard.promise;
    return said;
  });
  const redis = follow(sentinel);
  const connected = redis.connect();
  await asked.promise;
  await waitUntil(() => sentinel.tell(news, switched()) > 0, { what: 'it listens' });
  primary = next;
  heard.resolve();
  await connected;
  await isAtNext(redis);
  // The same word of another sentinel is no news.
  const before = next.connections();
  sentinel.tell(news, switched());
  sentinel.tell(news, `others 127.0.0.1 1 127.0.0.1 2`);
  expect(await whereIs(redis)).toBe('next');
  expect(next.connections()).toBe(before);
});

test('a sentinel that refuses to tell is told of in the log', async () => {
  const sentinel = await start((command) =>
    command === 'sentinel' ? addressOf(old) : new Error('NOPERM no permission'),
  );
  await follow(sentinel).connect();
  const [line] = await waitUntil(
    () => {
      const lines = log.linesOf('sentinel tells no news');
      return lines.length > 0 && lines;
    },
    { what: 'the log says so' },
  );
  expect(JSON.stringify(line)).toContain('NOPERM');
});
