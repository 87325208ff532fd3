/** The store under random histories: the invariants of docs/architecture.md hold after every step, and no step leaves the transition table. */
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestJobStore, textOutput, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { isFinal, jobEvents, jobStatuses, nextStatus, type JobStatus } from './job-status.ts';
import type { Attempt } from './job-store.ts';
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
}

interface World {
  ids: string[];
  /** What each worker believes it holds, however long ago it was given. */
  held: Map<string, Attempt>;
  attempts: Map<string, number>;
}

const statusOf = async (id: string): Promise<JobStatus> =>
  z.enum(jobStatuses).parse((await store.field(id, 'status')) ?? 'expired');

const act = async (world: World, step: Step): Promise<void> => {
  const id = world.ids[step.job] ?? '';
  const worker = `w${step.worker}`;
  const attempt = world.held.get(`${worker} ${id}`) ?? { id, attempt: 1, token: 'none' };
  const does: Record<Action, () => Promise<unknown>> = {
    claim: async () => {
      const claim = await store.leases.claim({ id, worker, nonce: `${Math.random()}`, redelivered: true });
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

/** Steps a script may take at once: a failed attempt that is tried again is a release, a claim may end a spent job. */
const reachable = (from: JobStatus): Set<JobStatus> => {
  const next = new Set<JobStatus>([from]);
  for (const event of jobEvents) {
    const to = nextStatus(from, event);
    if (to !== undefined) next.add(to);
  }
  return next;
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
  const pending = Object.values(await redis.hgetall(keys.pending)).reduce(
    (sum, text) => sum + Number(text),
    0,
  );
  expect(pending).toBe(unfinished);
  expect(await redis.zcard(keys.due)).toBe(unfinished);
};

describe('a job under random histories', () => {
  test('keeps the invariants and the transition table', async () => {
    const step = record({
      action: constantFrom(...actions),
      job: integer({ min: 0, max: 1 }),
      worker: integer({ min: 1, max: 2 }),
    });
    await assert(
      asyncProperty(array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const ids = [await store.accepted(), await store.accepted({ owner: 'bob', priority: 'high' })];
        const world: World = { ids, held: new Map(), attempts: new Map() };
        for (const next of steps) {
          const before = await Promise.all(ids.map(statusOf));
          await act(world, next);
          const after = await Promise.all(ids.map(statusOf));
          after.forEach((status, index) => {
            const from = before[index] ?? 'expired';
            const claimedAndEnded =
              next.action === 'settle' || next.action === 'claim' || next.action === 'reap';
            const allowed = reachable(from);
            if (claimedAndEnded && !isFinal(from) && from !== 'expired') allowed.add('failed');
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
