import { createLogger } from '@factorial/core/ops/logger';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { createTestJobStore, textOutput, type TestJobStore } from '@factorial/core/testing/test-job-store';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byteBudget, chooseVictims } from './rules/byte-budget.ts';
import { expiredJobs } from './rules/expired-jobs.ts';
import { orphans } from './rules/orphans.ts';
import type { Rule } from './rule.ts';
import { exitCodeOf, sweep } from './sweep.ts';

let testRedis: TestRedis;
let store: TestJobStore;
const logger = createLogger('janitor', 'silent');

beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis);
});
afterAll(async () => testRedis.close());

const run = async (rules: Rule[], dryRun = false) =>
  sweep({ rules, logger, dryRun, signal: AbortSignal.timeout(10_000) });

const done = async (output = '120'): Promise<string> => {
  const attempt = await store.claimed(await store.accepted());
  await store.leases.complete(attempt, textOutput(output));
  return attempt.id;
};

describe('sweep', () => {
  test('expires what is past its time and keeps the rest; a second run finds nothing', async () => {
    const [old, young, waiting] = [await done(), await done(), await store.accepted()];
    await store.finishedPast(old);
    const rules = [expiredJobs(store.retention)];
    expect((await run(rules, true)).reports).toEqual({ 'expired-jobs': { wouldExpire: 1 } });
    expect((await run(rules)).reports).toEqual({ 'expired-jobs': { expired: 1, bytes: 11 } });
    expect((await run(rules)).reports).toEqual({ 'expired-jobs': { expired: 0, bytes: 0 } });
    expect((await store.intake.find(old)).kind).toBe('tombstone');
    expect((await store.intake.find(young)).kind).toBe('job');
    expect((await store.intake.find(waiting)).kind).toBe('job');
  });

  test('expires each job once when two run at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 300 }, async () => done()));
    await Promise.all(ids.map(async (id) => store.finishedPast(id)));
    const rules = [expiredJobs(store.retention)];
    const [one, other] = await Promise.all([run(rules), run(rules)]);
    const expired = [one, other].map(({ reports }) => reports['expired-jobs']?.['expired'] ?? 0);
    expect(expired.reduce((sum, count) => sum + count, 0)).toBe(300);
  });

  test('frees bytes until the budget is kept, and never touches an unfinished job', async () => {
    const waiting = await store.accepted({ input: 'w'.repeat(2_000) });
    const outputs = await Promise.all(Array.from({ length: 10 }, async () => done('x'.repeat(1_000))));
    const budget = 6_000;
    const { reports } = await run([byteBudget(store.retention, budget)]);
    expect(reports['byte-budget']?.['evicted']).toBeGreaterThan(0);
    expect(await store.retention.usedBytes()).toBeLessThanOrEqual(budget);
    expect((await store.intake.find(waiting)).kind).toBe('job');
    await run([byteBudget(store.retention, 10)]);
    expect((await store.intake.find(waiting)).kind).toBe('job');
    expect((await store.intake.find(outputs[0] ?? '')).kind).toBe('tombstone');
  });

  test('mends what lost its index', async () => {
    const id = await store.accepted();
    await testRedis.redis.zrem(testRedis.keys.due, id);
    const { repair } = store;
    expect((await run([orphans(repair)], true)).reports['orphans']).toMatchObject({ revived: 0 });
    expect((await run([orphans(repair)])).reports['orphans']).toMatchObject({
      revived: 1,
      deleted: 0,
      indexed: 0,
    });
    expect(await store.dueAt(id)).toBeDefined();
  });

  test('says that it was cut short, and has failed, when its time is over before all is done', async () => {
    const stopping = new AbortController();
    const endless: Rule = {
      name: 'endless',
      run: async () => {
        stopping.abort();
        return Promise.resolve({ did: 1 });
      },
    };
    const recorded = createRecordedLogger();
    const { signal } = stopping;
    const summary = await sweep({ rules: [endless], logger: recorded.logger, dryRun: false, signal });
    expect(summary).toEqual({ reports: { endless: { did: 1 } }, failed: [], cutShort: true });
    expect(recorded.linesOf('sweep ended')).toMatchObject([{ cutShort: true }]);
    expect(exitCodeOf(summary)).toBe(1);
  });

  test('runs the other rules when one fails, and says which', async () => {
    const broken: Rule = { name: 'broken', run: async () => Promise.reject(new Error('no')) };
    const fine: Rule = { name: 'fine', run: async () => Promise.resolve({ did: 1 }) };
    const summary = await run([broken, fine]);
    expect(summary).toEqual({ reports: { fine: { did: 1 } }, failed: ['broken'], cutShort: false });
    expect([exitCodeOf(summary), exitCodeOf(await run([fine]))]).toEqual([1, 0]);
  });
});

describe('chooseVictims', () => {
  const job = (id: string, bytes: number, expiresAt: number) => ({ id, bytes, expiresAt });

  test('takes the largest of the older half first, and no more than needed', () => {
    const jobs = [
      job('old-small', 1, 1),
      job('old-large', 50, 2),
      job('young-large', 99, 3),
      job('young-small', 2, 4),
    ];
    const ids = (excess: number) => chooseVictims(jobs, excess).map(({ id }) => id);
    expect(ids(0)).toEqual([]);
    expect(ids(50)).toEqual(['old-large']);
    expect(ids(51)).toEqual(['old-large', 'old-small']);
    expect(ids(52)).toEqual(['old-large', 'old-small', 'young-large']);
    expect(ids(1_000)).toHaveLength(4);
  });
});
