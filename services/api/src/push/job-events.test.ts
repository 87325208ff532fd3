/** The hub on a real Redis, by way of a connection that breaks. */
import type { JobEvent } from '@factorial/core/jobs/job-event';
import type { JobEventLog } from '@factorial/core/jobs/redis-job-events';
import { createRedisClient } from '@factorial/core/redis/redis-client';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { startTcpProxy, type TcpProxy } from '@factorial/core/testing/tcp-proxy';
import {
  createTestJobStore,
  said,
  textOutput,
  type TestJobStore,
} from '@factorial/core/testing/test-job-store';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import { waitUntil } from '@factorial/core/testing/wait-until';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createJobEvents, type JobEvents } from './job-events.ts';
import { createJobNews } from './job-news.ts';

let testRedis: TestRedis;
let proxy: TcpProxy;
let store: TestJobStore;
let events: JobEvents;
let listening: Redis;

const start = async (lookEveryMs: number): Promise<void> => {
  const { logger } = createRecordedLogger();
  listening = createRedisClient({ url: proxy.url, logger });
  events = createJobEvents({
    log: store.events,
    news: createJobNews({ redis: listening, keys: testRedis.keys, logger }),
    logger,
    lookEveryMs,
  });
  await events.start();
};

beforeEach(async () => {
  testRedis = await createTestRedis();
  proxy = await startTcpProxy(testRedis.url);
  store = createTestJobStore(testRedis);
  await start(600_000);
});
afterEach(async () => {
  await events.stop(AbortSignal.timeout(1_000));
  await proxy.close();
  await testRedis.close();
});

/** Somebody who follows a job and takes `room` events at a time. */
const follower = (id: string, room = Number.MAX_SAFE_INTEGER) => {
  const told: JobEvent[] = [];
  const following = events.follow({
    id,
    deliver: (fresh) => {
      told.push(...fresh);
      return told.length >= room ? 'full' : 'more';
    },
  });
  return { told, following, kinds: () => told.map(({ type }) => type).join(' ') };
};

const finish = async (id: string): Promise<void> => {
  await store.leases.complete(await store.claimed(id), textOutput('1'));
};

describe('createJobEvents', () => {
  it('tells what happened while the connection was away', async () => {
    const id = await store.accepted();
    const { kinds, following } = follower(id);
    await waitUntil(() => kinds() === 'queued', { what: 'the first event' });
    await proxy.down();
    await finish(id);
    await proxy.up();
    expect(await following.ended).toBe('final');
    expect(kinds()).toBe('queued started done');
  });

  it('tells those who come while the connection is away', async () => {
    const id = await store.accepted();
    await proxy.down();
    const { kinds, following } = follower(id);
    await waitUntil(() => kinds() === 'queued', { what: 'what is there' });
    await finish(id);
    await proxy.up();
    expect(await following.ended).toBe('final');
    expect(kinds()).toBe('queued started done');
  });

  it('listens no more for one who left while the connection was away', async () => {
    const [left, stays] = await Promise.all([store.accepted(), store.accepted()]);
    const leaving = follower(left);
    const staying = follower(stays);
    await waitUntil(() => leaving.kinds() === 'queued' && staying.kinds() === 'queued', { what: 'both' });
    await proxy.down();
    await waitUntil(() => listening.status !== 'ready', { what: 'the loss of the connection' });
    leaving.following.stop();
    await proxy.up();
    await finish(stays);
    expect(await staying.following.ended).toBe('final');
    const channel = testRedis.keys.events(left);
    expect(await testRedis.redis.pubsub('NUMSUB', channel)).toEqual([channel, 0]);
  });

  it('waits with one who is slow, and not with the others', async () => {
    const id = await store.accepted();
    const slow = follower(id, 1);
    const quick = follower(id);
    await waitUntil(() => slow.kinds() === 'queued', { what: 'the first event' });
    await finish(id);
    expect(await quick.following.ended).toBe('final');
    expect(slow.kinds()).toBe('queued');
    slow.following.resume();
    await waitUntil(() => slow.told.length === 3, { what: 'the rest' });
    expect(slow.told).toEqual(quick.told);
    expect(await slow.following.ended).toBe('final');
  });

  it('tells all of many events, in order and none twice, to one who comes in the middle', async () => {
    const attempt = await store.claimed(await store.accepted());
    const early = follower(attempt.id);
    const say = async (step: number) => store.leases.progress(attempt, said(step / 300, String(step)));
    for (let step = 0; step < 150; step += 1) await say(step);
    const late = follower(attempt.id);
    for (let step = 150; step < 300; step += 1) await say(step);
    await store.leases.complete(attempt, textOutput('1'));
    await Promise.all([early.following.ended, late.following.ended]);
    expect(early.told).toHaveLength(303);
    expect(late.told).toEqual(early.told);
    const ids = early.told.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('ends at once when the last event fills a page', async () => {
    const attempt = await store.claimed(await store.accepted());
    for (let step = 0; step < 61; step += 1) {
      await store.leases.progress(attempt, said(step / 61, String(step)));
    }
    await store.leases.complete(attempt, textOutput('1'));
    const { told, following } = follower(attempt.id);
    expect(await following.ended).toBe('final');
    expect(told).toHaveLength(64);
  });

  it('goes on behind a failure after which the job was wanted again', async () => {
    const id = await store.accepted();
    await store.intake.cancel(id);
    await store.intake.retry(id);
    const { kinds, following } = follower(id);
    await waitUntil(() => kinds() === 'queued cancelled queued', { what: 'what is there' });
    await finish(id);
    expect(await following.ended).toBe('final');
    expect(kinds()).toBe('queued cancelled queued started done');
  });

  it('ends when the job is gone and no event says so', async () => {
    await events.stop(AbortSignal.timeout(1_000));
    await start(20);
    const id = await store.accepted();
    const { following } = follower(id);
    await testRedis.redis.del(testRedis.keys.job(id), testRedis.keys.events(id));
    expect(await following.ended).toBe('over');
    expect(events.following()).toBe(0);
  });

  it('lets everybody go when it is released, those too who come after', async () => {
    const id = await store.accepted();
    const { following } = follower(id);
    events.release();
    expect(await following.ended).toBe('released');
    expect(await follower(id).following.ended).toBe('released');
    expect(events.following()).toBe(0);
  });

  it('is told nothing more after stop', async () => {
    const id = await store.accepted();
    const { kinds, following } = follower(id);
    await waitUntil(() => kinds() === 'queued', { what: 'the first event' });
    following.stop();
    await finish(id);
    expect(kinds()).toBe('queued');
  });
});

describe('while events cannot be read', () => {
  afterEach(() => vi.useRealTimers());

  it('tries again for each job once a second, and tells of it once', async () => {
    vi.useFakeTimers();
    const log = createRecordedLogger();
    const read = vi.fn<JobEventLog['read']>(async () => Promise.reject(new Error('away')));
    const noNews = async () => Promise.resolve();
    const hub = createJobEvents({
      log: { read, hasEnded: async () => Promise.resolve(false) },
      news: {
        start: noNews,
        stop: noNews,
        listen: noNews,
        leave: () => undefined,
        onNews: () => undefined,
        onGap: () => undefined,
      },
      logger: log.logger,
      lookEveryMs: 5_000,
    });
    await hub.start();
    const { stop } = hub.follow({ id: 'a', deliver: () => 'more' });
    await vi.advanceTimersByTimeAsync(60_000);
    // One a second, and those that the clock asks for.
    expect(read.mock.calls.length).toBeGreaterThan(50);
    expect(read.mock.calls.length).toBeLessThan(80);
    expect(
      log.linesOf('events could not be read, trying again').filter(({ level }) => level === 40),
    ).toHaveLength(1);
    stop();
    const soFar = read.mock.calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).toHaveBeenCalledTimes(soFar);
    await hub.stop(AbortSignal.timeout(1_000));
  });
});
