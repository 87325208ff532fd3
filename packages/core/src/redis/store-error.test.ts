import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { createLogger } from '../ops/logger.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { createRedisClient } from './redis-client.ts';
import { storing, toStoreError } from './store-error.ts';

const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : 'not ours');

describe('a Redis', () => {
  let testRedis: TestRedis;
  beforeAll(async () => {
    testRedis = await createTestRedis();
  });
  afterAll(async () => testRedis.close());

  test('that is not there is store-unavailable, at once and with a time to come back', async () => {
    const redis = createRedisClient({ url: 'redis://127.0.0.1:1', logger: createLogger('test', 'silent') });
    const error = await storing(redis.get('x')).catch((thrown: unknown) => thrown);
    redis.disconnect();
    expect(codeOf(error)).toBe('store-unavailable');
    expect(error instanceof AppError && error.options.retryAfterSeconds).toBe(2);
  });

  test('out of memory refuses writes as store-full, and reading goes on', () => {
    const refused = toStoreError(new Error("OOM command not allowed when used memory > 'maxmemory'."));
    expect(codeOf(refused)).toBe('store-full');
  });

  test('that answers a wrong command is a fault of ours', async () => {
    const key = testRedis.keys.due;
    await testRedis.redis.set(key, 'text');
    const error = await storing(testRedis.redis.zcard(key)).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe('not ours');
  });

  test('whose failure was translated already is not translated again', () => {
    const first = new AppError('quota-exceeded', 'x');
    expect(toStoreError(first)).toBe(first);
  });
});

test.each([
  'Connection is closed.',
  'Command timed out',
  'Reached the max retries per request limit (which is 1).',
  "Stream isn't writeable and enableOfflineQueue options is false",
  'LOADING Redis is loading the dataset in memory',
  'READONLY You can not write against a read only replica.',
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
  'connect ECONNREFUSED 127.0.0.1:6379',
  'Command aborted due to connection close',
  'NOREPLICAS Not enough good replicas to write.',
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
])('"%s" passes: store-unavailable', (message) => {
  expect(codeOf(toStoreError(new Error(message)))).toBe('store-unavailable');
});
