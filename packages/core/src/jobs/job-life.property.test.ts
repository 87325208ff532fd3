/** The store under random histories: the invariants of docs/architecture.md hold after every step, and no step leaves the transition table. */
import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestJobStore, textOutput, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { isFinal, type JobEvent, jobStatuses, nextStatus, type JobStatus } from './job-status.ts';
import type { Attempt } from './job-store.ts';
import { webhookEvents } from './webhook.ts';
import { z } from 'zod';

let testRedis: TestRedis;
let store: TestJobStore;
beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis);
});
afterAll(async () => testRedis.close());

const actions = [
  'claim',
  'beat',
  'complete',
  'fail',
  'failAgain',
  'release',
  'settle',
  'leaseOut',
  'silent',
  'reap',
  'cancel',
  'retry',
  'expire',
  'delayOver',
] as const;
type Action = (typeof actions)[number];
interface Step {
  action: Action;
  job: number;
  worker: number;
  /** Few, so that claims are repeated as they are when an answer is lost. */
  nonce: number;
  redelivered: boolean;
}

interface World {
  ids: string[];
  /** What each worker believes it holds, however long ago it was given. */
  held: Map<string, Attempt>;
  attempts: Map<string, number>;
  /** What the second job's webhook was to be told: each of its attempts, and each of its ends. */
  told: string[];
}

const statusOf = async (id: string): Promise<JobStatus> =>
  z.enum(jobStatuses).parse((await store.field(id, 'status')) ?? 'expired');

const act = async (world: World, step: Step): Promise<void> => {
  const id = world.ids[step.job] ?? '';
  const worker = `w${step.worker}`;
  const attempt = world.held.get(`${worker} ${id}`) ?? { id, attempt: 1, token: 'none' };
  const does: Record<Action, () => Promise<unknown>> = {
    claim: async () => {
      const { nonce, redelivered } = step;
      const claim = await store.claim({ id, worker, nonce: `${worker} ${nonce}`, redelivered });
      if (claim.kind === 'ok') world.held.set(`${worker} ${claim.id}`, claim);
    },
    beat: async () => store.leases.beat(attempt),
    complete: async () => store.leases.complete(attempt, textOutput(worker)),
    fail: async () => store.leases.fail(attempt, { code: 'c', message: worker }),
    failAgain: async () => store.leases.fail(attempt, { code: 'c', message: worker }, 60_000),
    release: async () => store.leases.release(attempt),
    settle: async () => store.leases.settle(id, { status: 'done', output: textOutput(worker) }),
    leaseOut: async () => {
      if ((await statusOf(id)) === 'processing') await store.expireLease(id);
    },
    silent: async () => {
      if ((await statusOf(id)) === 'processing') await store.passed(id, 'beatAt');
    },
    delayOver: async () => {
      if ((await store.field(id, 'notBefore')) === null) return;
      await store.passed(id, 'notBefore');
      await store.makeDue(id);
    },
    reap: async () => store.dueJobs.reap(id, true),
    cancel: async () => store.intake.cancel(id),
    retry: async () => store.intake.retry(id),
    expire: async () => store.retention.expire(id, 'now'),
  };
  await does[step.action]();
};

/** The events of the transition table that an action may be. */
const eventsOf: Record<Action, readonly JobEvent[]> = {
  claim: ['claim'],
  beat: ['beat'],
  complete: ['complete'],
  fail: ['fail'],
  // An attempt that went wrong and is tried again gives its job back.
  failAgain: ['fail', 'release'],
  release: ['release'],
  settle: ['complete'],
  leaseOut: [],
  silent: [],
  delayOver: [],
  reap: ['requeue'],
  cancel: ['cancel'],
  retry: ['retry'],
  expire: ['expire'],
};

/** Where a job that has used up its tries or its time is found out. */
const endsTheSpent: ReadonlySet<Action> = new Set(['claim', 'reap']);

const reachable = (from: JobStatus, action: Action): Set<JobStatus> => {
  const next = eventsOf[action].map((event) => nextStatus(from, event)).filter((to) => to !== undefined);
  const unfinished = from === 'queued' || from === 'processing';
  return new Set([from, ...next, ...(endsTheSpent.has(action) && unfinished ? (['failed'] as const) : [])]);
};

const checkInvariants = async (world: World): Promise<void> => {
  const { redis, keys } = testRedis;
  let unfinished = 0;
  for (const id of world.ids) {
    const status = await statusOf(id);
    const isDue = (await store.dueAt(id)) !== undefined;
    const open = status === 'queued' || status === 'processing';
    if (open) unfinished += 1;
    expect(isDue, `${status} in due`).toBe(open);
    expect((await redis.pttl(keys.job(id))) > 0, `${status} has a TTL`).toBe(isFinal(status));
    const waits = (await store.intake.position(id, 'factorial')) !== undefined;
    const delayed = (await store.field(id, 'notBefore')) !== null;
    expect(waits, `${status} waits`).toBe(status === 'queued' && !delayed);
    const attempt = Number((await store.field(id, 'attempt')) ?? Number.MAX_SAFE_INTEGER);
    expect(attempt).toBeGreaterThanOrEqual(world.attempts.get(id) ?? 0);
    world.attempts.set(id, attempt);
  }
  const [, told = ''] = world.ids;
  const exists = (await statusOf(told)) !== 'expired';
  const deliveries = await store.webhooks.list(told);
  expect(deliveries.map(({ event }) => event)).toEqual(exists ? world.told : []);
  expect(await redis.zcard(keys.webhooksDue)).toBe(deliveries.length);
  const lives = await redis.pttl(keys.webhooks(told));
  if (deliveries.length > 0) expect(lives > 0).toBe(isFinal(await statusOf(told)));
  const pending = Object.values(await redis.hgetall(keys.pending)).reduce(
    (sum, text) => sum + Number(text),
    0,
  );
  expect(pending).toBe(unfinished);
  expect(await redis.zcard(keys.due)).toBe(unfinished);
};

const webhook = { url: 'https://example.com/', events: [...webhookEvents] };

/** A claim that begins an attempt, and a change into a final state, are what a webhook is told of. */
const noteTold = async (world: World, before: { status: JobStatus; attempt: number }): Promise<void> => {
  const [, id = ''] = world.ids;
  const status = await statusOf(id);
  const attempt = Number((await store.field(id, 'attempt')) ?? 0);
  if (status === 'processing' && attempt > before.attempt) world.told.push('started');
  if (isFinal(status) && status !== before.status) world.told.push(status);
};

describe('a job under random histories', () => {
  test('keeps the invariants and the transition table', { timeout: 120_000 }, async () => {
    const step = record({
      action: constantFrom(...actions),
      job: integer({ min: 0, max: 1 }),
      worker: integer({ min: 1, max: 2 }),
      nonce: integer({ min: 1, max: 3 }),
      redelivered: boolean(),
    });
    await assert(
      asyncProperty(array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const ids = [
          await store.accepted(),
          await store.accepted({ owner: 'bob', priority: 'high', webhook }),
        ];
        const world: World = { ids, held: new Map(), attempts: new Map(), told: [] };
        for (const next of steps) {
          const before = await Promise.all(ids.map(statusOf));
          const attempt = Number((await store.field(ids[1] ?? '', 'attempt')) ?? 0);
          await act(world, next);
          await noteTold(world, { status: before[1] ?? 'expired', attempt });
          const after = await Promise.all(ids.map(statusOf));
          after.forEach((status, index) => {
            const from = before[index] ?? 'expired';
            const allowed = reachable(from, next.action);
            expect(allowed, `${from} → ${status} by ${next.action}`).toContain(status);
          });
          await checkInvariants(world);
        }
        // Leaves nothing for the next history.
        for (const id of ids) {
          await store.intake.cancel(id);
          await store.retention.expire(id, 'now');
        }
        expect(await store.retention.usedBytes()).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});
