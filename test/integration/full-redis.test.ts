import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mostDeadLetters } from '@factorial/core/jobs/redis-dead-letters';
import { createTestJobStore, newJob, textOutput } from '@factorial/core/testing/test-job-store';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Broker } from '../../dev/brokers/broker.ts';
import { ensureBrokers } from '../../dev/brokers/ensure-brokers.ts';
import { startRedis } from '../../dev/brokers/start-redis.ts';

const nothingElse = {
  diedAtMs: undefined,
  messageId: undefined,
  contentType: undefined,
  traceparent: undefined,
};

let dir: string;
let broker: Broker;
let testRedis: TestRedis;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factorial-full-'));
  const { redis: source } = await ensureBrokers(process.env);
  broker = await startRedis({ source, dataDir: join(dir, 'redis'), appendfsync: 'off' });
  testRedis = await createTestRedis(broker.url);
});
afterAll(async () => {
  await testRedis.redis.config('SET', 'maxmemory', '0');
  await testRedis.close();
  await broker.stop();
  await rm(dir, { recursive: true });
});

test('at its memory limit nothing new is taken in, what runs ends, and what has ended goes', async () => {
  const store = createTestJobStore(testRedis);
  const idempotency = { key: 'k', fingerprint: 'f' };
  const waiting = await store.accepted({ idempotency });
  const old = await store.claimed(await store.accepted());
  await store.leases.complete(old, textOutput('x'.repeat(10_000)));
  const running = await store.claimed(await store.accepted());
  await store.finishedPast(old.id);
  await testRedis.redis.config('SET', 'maxmemory', '1mb');

  await expect(store.intake.accept(newJob())).rejects.toMatchObject({ code: 'store-full' });
  expect(await store.intake.recall('ann', idempotency)).toEqual({ kind: 'same', id: waiting });
  expect(await store.leases.beat(running)).toBe('ok');
  expect(await store.leases.complete(running, textOutput('done'))).toBe('ok');
  expect(await store.retention.expire(old.id, 'due')).toMatchObject({ kind: 'expired' });
  expect((await store.intake.find(old.id)).kind).toBe('tombstone');
});

test('at its memory limit dead letters are kept, up to their own limit: refused, they would wear out in the broker', async () => {
  const { deadLetters } = createTestJobStore(testRedis);
  await testRedis.redis.config('SET', 'maxmemory', '1mb');
  await expect(testRedis.redis.set('anything', 'x')).rejects.toThrow('OOM');
  const letter = { reason: 'not_json', detail: '', content: Buffer.from('hello'), ...nothingElse } as const;
  const all = Array.from({ length: mostDeadLetters }, () => letter);
  expect(await deadLetters.keep('factorial', all, 1)).toBe('kept');
  expect(await deadLetters.keep('factorial', [letter], 1)).toBe('full');
  const ids = (await deadLetters.places()).map(({ id }) => id);
  expect(await deadLetters.drop(ids)).toBe(mostDeadLetters);
});
