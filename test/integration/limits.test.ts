import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createManagementApi } from '@factorial/core/testing/management-api';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { type Answer, createSystemClient, type SystemClient } from '../client/system-client.ts';

const policy = 'policies/%2F/limit';
const work = { task: 'hard', input: { do: 'sleep', ms: 300 } };
/** Some seconds of work for the two workers. */
const backlog = 24;

let system: System;
let client: SystemClient;
let redis: Redis;
beforeAll(async () => {
  system = await startSystem({ workers: 2, workerEnv: { TASKS: join(import.meta.dirname, 'hard-task') } });
  client = createSystemClient(system);
  redis = new Redis(system.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await system.stop();
});

interface Limit {
  /** Of the answers while it holds. */
  code: string;
  on: () => Promise<unknown>;
  off: () => Promise<unknown>;
}

const submissions = () => {
  const accepted: string[] = [];
  let slowestMs = 0;
  const submit = async (): Promise<Answer> => {
    const began = performance.now();
    const answer = await client.submit(work);
    slowestMs = Math.max(slowestMs, performance.now() - began);
    if (answer.status === 202) accepted.push(client.parseJob(answer).id);
    return answer;
  };
  /** @returns ms until one was answered so. */
  const submitUntil = async (status: number, timeoutMs: number): Promise<number> => {
    const began = performance.now();
    while ((await submit()).status !== status) {
      expect(performance.now() - began).toBeLessThan(timeoutMs);
      await delay(50);
    }
    return performance.now() - began;
  };
  return { accepted, submit, submitUntil, slowestMs: () => slowestMs };
};

/** What it is to be refused: at once, with the reason and a time to come back. */
const expectRefused = ({ status, text, headers }: Answer, code: string): void => {
  expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 503, code });
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
};

const expectDone = async (ids: readonly string[], timeoutMs: number): Promise<number> => {
  const began = performance.now();
  const views = await Promise.all(ids.map(async (id) => client.waitUntilFinal(id, timeoutMs)));
  expect(views.filter(({ status }) => status !== 'done')).toEqual([]);
  return performance.now() - began;
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** Refuses what is new, goes on with what waits, and recovers by itself. */
const expectToLive = async (what: string, { code, on, off }: Limit): Promise<void> => {
  const waiting = await Promise.all(Array.from({ length: backlog }, async () => client.accepted(work)));
  await on();
  const { accepted, submit, submitUntil, slowestMs } = submissions();
  const refusedMs = await submitUntil(503, 10_000);
  const before = accepted.length;
  for (let count = 0; count < 20; count += 1) expectRefused(await submit(), code);
  expect((await client.call(`/v1/jobs/${waiting[0]}`)).status).toBe(200);
  await expectDone(waiting, 30_000);
  await off();
  const acceptedMs = await submitUntil(202, 15_000);
  const settledMs = await expectDone(accepted, 60_000);
  expect(slowestMs()).toBeLessThan(2_000);
  const figures = [
    `refused after ${seconds(refusedMs)} and ${before} jobs`,
    `slowest answer ${seconds(slowestMs())}`,
    `accepted again ${seconds(acceptedMs)} after its end`,
    `all done ${seconds(settledMs)} later`,
  ];
  console.info(`${what}: ${figures.join(', ')}`);
};

describe('new jobs are refused within 2 s, those that wait are done, and all is well again by itself', () => {
  test('when RabbitMQ has its memory alarm', { timeout: 150_000 }, async () => {
    await expectToLive('memory alarm', {
      code: 'queue-unavailable',
      on: async () => system.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '1MB'),
      off: async () => system.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '512MB'),
    });
  });

  test('when RabbitMQ has its disk alarm', { timeout: 150_000 }, async () => {
    await expectToLive('disk alarm', {
      code: 'queue-unavailable',
      on: async () => system.rabbitmqctl('set_disk_free_limit', '900000GB'),
      off: async () => system.rabbitmqctl('set_disk_free_limit', '64MB'),
    });
  });

  test("when RabbitMQ's queue is at its limit", { timeout: 150_000 }, async () => {
    const management = createManagementApi(system.managementUrl);
    const definition = { 'max-length': 5 };
    await expectToLive('queue limit', {
      code: 'queue-full',
      on: async () => management.put(policy, { pattern: '_process$', definition, 'apply-to': 'queues' }),
      off: async () => management.remove(policy),
    });
  });

  test('when Redis is at its memory limit', { timeout: 150_000 }, async () => {
    await expectToLive('Redis at maxmemory', {
      code: 'store-full',
      on: async () => redis.config('SET', 'maxmemory', '1mb'),
      off: async () => redis.config('SET', 'maxmemory', '512mb'),
    });
  });
});
