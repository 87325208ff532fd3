import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestJobStore, said, textOutput, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';

let testRedis: TestRedis;
let store: TestJobStore;
beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis);
});
afterAll(async () => testRedis.close());

const error = { code: 'task-error', message: 'it broke' };

describe('beat', () => {
  test('prolongs the lease of the holder', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.expireLease(attempt.id);
    expect(await store.leases.beat(attempt)).toBe('ok');
    expect(Number(await store.field(attempt.id, 'leaseUntil'))).toBeGreaterThan(Date.now());
    expect(await store.dueAt(attempt.id)).toBe(Number(await store.field(attempt.id, 'leaseUntil')));
    expect(Number(await store.field(attempt.id, 'beatAt'))).toBeGreaterThan(1_000);
  });

  test('takes up a requeued job again when nobody has claimed it', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.expireLease(attempt.id);
    expect((await store.dueJobs.reap(attempt.id, true)).kind).toBe('publish');
    expect(await store.field(attempt.id, 'status')).toBe('queued');
    expect(await store.leases.beat(attempt)).toBe('ok');
    expect(await store.field(attempt.id, 'status')).toBe('processing');
    expect(await store.intake.position(attempt.id, 'factorial')).toBeUndefined();
  });

  test('says lost to a holder whose job was claimed by another, is final or unknown', async () => {
    const attempt = await store.claimed(await store.accepted());
    expect(await store.leases.beat({ ...attempt, token: 'forged' })).toBe('lost');
    expect(await store.leases.beat({ ...attempt, attempt: 2 })).toBe('lost');
    expect(await store.leases.beat({ ...attempt, id: 'nobody' })).toBe('lost');
    await store.leases.complete(attempt, textOutput('1'));
    expect(await store.leases.beat(attempt)).toBe('lost');
  });

  test('says cancel when the owner cancelled', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.intake.cancel(attempt.id);
    expect(await store.leases.beat(attempt)).toBe('cancel');
  });

  test('ends a run whose holder does not keep the time limit', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.passed(attempt.id, 'runDeadline');
    expect(await store.leases.beat(attempt)).toBe('lost');
    expect(await store.field(attempt.id, 'errorCode')).toBe('run-timeout');
  });
});

describe('progress', () => {
  test('is kept while the attempt runs and ignored from anybody else', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.leases.progress(attempt, said(0.5, 'half'));
    await store.leases.progress({ ...attempt, token: 'forged' }, said(0.9, 'forged'));
    await store.leases.progress({ ...attempt, attempt: 9 }, said(0.9, 'forged'));
    expect(await store.field(attempt.id, 'progressValue')).toBe('0.5');
    expect(await store.field(attempt.id, 'progressMessage')).toBe('half');
    await store.leases.fail(attempt, error, 10);
    await store.leases.progress(attempt, said(0.7, 'late'));
    expect(await store.field(attempt.id, 'progressValue')).toBeNull();
  });
});

describe('complete', () => {
  test('commits the output and makes the job final', async () => {
    const attempt = await store.claimed(await store.accepted({ owner: 'committer' }));
    expect(await store.leases.complete(attempt, textOutput('120'))).toBe('ok');
    expect(await store.intake.find(attempt.id)).toMatchObject({
      kind: 'job',
      job: {
        status: 'done',
        outputBytes: 3,
        outputMediaType: 'text/plain',
        outputEncoding: 'identity',
        progressValue: 1,
      },
    });
    expect((await store.outputs.read(attempt.id))?.toString()).toBe('120');
    expect(await store.dueAt(attempt.id)).toBeUndefined();
    expect(await testRedis.redis.hget(testRedis.keys.pending, 'committer')).toBeNull();
    expect(await testRedis.redis.pttl(testRedis.keys.job(attempt.id))).toBeGreaterThan(60_000);
    expect(await testRedis.redis.pttl(testRedis.keys.output(attempt.id))).toBeGreaterThan(60_000);
  });

  test("counts down the owner's unfinished jobs", async () => {
    const [first, second] = [
      await store.accepted({ owner: 'counter' }),
      await store.accepted({ owner: 'counter' }),
    ];
    await store.leases.complete(await store.claimed(first), textOutput('1'));
    expect(await testRedis.redis.hget(testRedis.keys.pending, 'counter')).toBe('1');
    await store.leases.complete(await store.claimed(second), textOutput('1'));
    expect(await testRedis.redis.hget(testRedis.keys.pending, 'counter')).toBeNull();
  });

  test('answers same to a repeated commit and stale to another one', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.leases.complete(attempt, textOutput('a'));
    expect(await store.leases.complete(attempt, textOutput('a'))).toBe('same');
    expect(await store.leases.complete(attempt, textOutput('b'))).toBe('stale');
    expect(await store.leases.complete({ ...attempt, attempt: 2 }, textOutput('a'))).toBe('stale');
    expect((await store.outputs.read(attempt.id))?.toString()).toBe('a');
  });

  test('changes nothing when another attempt holds the job', async () => {
    const late = await store.claimed(await store.accepted());
    await store.expireLease(late.id);
    const current = await store.claimed(late.id, 'w2');
    expect(await store.leases.complete(late, textOutput('late'))).toBe('stale');
    expect(await store.leases.complete({ ...current, token: 'forged' }, textOutput('forged'))).toBe('stale');
    expect(await store.outputs.read(late.id)).toBeUndefined();
    expect(await store.leases.complete(current, textOutput('right'))).toBe('ok');
  });

  test('welcomes a late result that nobody else works on', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.expireLease(attempt.id);
    await store.dueJobs.reap(attempt.id, true);
    expect(await store.leases.complete(attempt, textOutput('late'))).toBe('ok');
    expect(await store.intake.position(attempt.id, 'factorial')).toBeUndefined();
  });

  test('answers gone for an unknown job', async () => {
    expect(await store.leases.complete({ id: 'nobody', attempt: 1, token: 't' }, textOutput('x'))).toBe(
      'gone',
    );
  });

  test('commits a staged output, once', async () => {
    const attempt = await store.claimed(await store.accepted());
    expect(await store.outputs.stage({ ...attempt, token: 'forged' }, textOutput('big'))).toBe('stale');
    expect(await store.outputs.stage({ ...attempt, id: 'nobody' }, textOutput('big'))).toBe('gone');
    await expect(store.leases.complete(attempt, 'staged')).rejects.toThrow('No output was uploaded');
    expect(await store.outputs.stage(attempt, textOutput('big'))).toBe('ok');
    expect(await store.leases.complete(attempt, 'staged')).toBe('ok');
    expect(await store.leases.complete(attempt, 'staged')).toBe('same');
    expect((await store.outputs.read(attempt.id))?.toString()).toBe('big');
    expect(await store.outputs.stage(attempt, textOutput('big'))).toBe('stale');
    expect(await testRedis.redis.exists(testRedis.keys.stagedOutput(`${attempt.id}:1`))).toBe(0);
  });

  test('learns the service time with weight 0.2 for the newest', async () => {
    const pool = 'learning';
    await testRedis.redis.hset(testRedis.keys.pool(pool), 'serviceMs', 1_000);
    const attempt = await store.claimed(await store.accepted({ pool }));
    await testRedis.redis.hset(testRedis.keys.job(attempt.id), 'startedAt', Date.now() - 6_000);
    await store.leases.complete(attempt, textOutput('x'));
    const learnt = Number(await testRedis.redis.hget(testRedis.keys.pool(pool), 'serviceMs'));
    expect(learnt).toBeGreaterThan(1_900);
    expect(learnt).toBeLessThan(2_400);
  });
});

describe('fail', () => {
  test('queues the job again after the delay while tries are left, then ends it', async () => {
    const id = await store.accepted({ maxAttempts: 2 });
    const first = await store.claimed(id);
    expect(await store.leases.fail(first, error, 5_000.5)).toBe('ok');
    expect((await store.intake.find(id)).kind).toBe('job');
    expect(await store.field(id, 'status')).toBe('queued');
    expect(await store.intake.position(id, 'factorial')).toBeUndefined();
    expect(await store.dueAt(id)).toBe(Number(await store.field(id, 'notBefore')));
    expect(await store.leases.fail(first, error, 5_000)).toBe('same');
    expect(await store.leases.beat(first)).toBe('lost');
    await store.passed(id, 'notBefore');
    await store.makeDue(id);
    expect((await store.dueJobs.reap(id, false)).kind).toBe('publish');
    const second = await store.claimed(id);
    expect(second.attempt).toBe(2);
    expect(await store.leases.fail(second, error, 5_000)).toBe('ok');
    expect(await store.intake.find(id)).toMatchObject({
      kind: 'job',
      job: { status: 'failed', errorCode: 'task-error', errorMessage: 'it broke', errorRetryable: '1' },
    });
    expect(await store.leases.fail(second, error, 5_000)).toBe('same');
    expect(await store.leases.fail(second, { code: 'task-error', message: 'other' }, 5_000)).toBe('stale');
    expect(await store.leases.fail(first, error, 5_000)).toBe('stale');
  });

  test('lets any other error happen as often as the budget allows', async () => {
    const id = await store.accepted({ maxAttempts: 3 });
    for (const status of ['queued', 'queued', 'failed']) {
      await store.leases.fail(await store.claimed(id), error, 1);
      expect(await store.field(id, 'status')).toBe(status);
      await store.passed(id, 'notBefore');
    }
  });

  test('ends the job at once when the error is permanent', async () => {
    const attempt = await store.claimed(await store.accepted());
    expect(await store.leases.fail(attempt, error)).toBe('ok');
    expect(await store.field(attempt.id, 'status')).toBe('failed');
    expect(await store.field(attempt.id, 'errorRetryable')).toBe('0');
  });

  test('ends a job that ran out of memory twice, whatever its budget', async () => {
    const id = await store.accepted({ maxAttempts: 10 });
    const outOfMemory = { code: 'out-of-memory', message: '384 MiB' };
    await store.leases.fail(await store.claimed(id), outOfMemory, 1);
    expect(await store.field(id, 'status')).toBe('queued');
    await store.passed(id, 'notBefore');
    await store.leases.fail(await store.claimed(id), outOfMemory, 1);
    expect(await store.field(id, 'status')).toBe('failed');
  });

  test('takes a late failure of a requeued job out of the queue until its retry is due', async () => {
    const attempt = await store.claimed(await store.accepted());
    await store.expireLease(attempt.id);
    await store.dueJobs.reap(attempt.id, true);
    expect(await store.leases.fail(attempt, error, 5_000)).toBe('ok');
    expect(await store.intake.position(attempt.id, 'factorial')).toBeUndefined();
  });

  test('changes nothing for anybody but the holder', async () => {
    const attempt = await store.claimed(await store.accepted());
    expect(await store.leases.fail({ ...attempt, token: 'forged' }, error)).toBe('stale');
    expect(await store.leases.fail({ ...attempt, id: 'nobody' }, error)).toBe('gone');
    expect(await store.field(attempt.id, 'status')).toBe('processing');
  });
});

describe('release', () => {
  test('puts the job back in its old place and gives the try back, but not the attempt', async () => {
    const pool = 'released';
    const id = await store.accepted({ pool });
    await store.accepted({ pool });
    const attempt = await store.claimed(id);
    expect(await store.leases.release(attempt)).toBe('ok');
    expect(await store.intake.find(id)).toMatchObject({
      kind: 'job',
      job: { status: 'queued', attempt: 1, tries: 0 },
    });
    expect(await store.intake.position(id, pool)).toBe(0);
    expect(await store.leases.release(attempt)).toBe('same');
    expect(await store.leases.beat(attempt)).toBe('lost');
    expect((await store.claimed(id)).attempt).toBe(2);
    expect(await store.leases.release(attempt)).toBe('stale');
  });

  test('changes nothing for a final or unknown job or a foreign token', async () => {
    const attempt = await store.claimed(await store.accepted());
    expect(await store.leases.release({ ...attempt, token: 'forged' })).toBe('stale');
    expect(await store.leases.release({ ...attempt, id: 'nobody' })).toBe('gone');
    await store.leases.complete(attempt, textOutput('1'));
    expect(await store.leases.release(attempt)).toBe('stale');
    expect(await store.field(attempt.id, 'status')).toBe('done');
  });
});

describe('settle', () => {
  test('claims and completes a job that nobody holds', async () => {
    const id = await store.accepted();
    expect(await store.leases.settle(id, { status: 'done', output: textOutput('120') })).toBe('ok');
    expect(await store.intake.find(id)).toMatchObject({ kind: 'job', job: { status: 'done', attempt: 1 } });
    expect(await store.leases.settle(id, { status: 'done', output: textOutput('120') })).toBe('same');
    expect(await store.leases.settle(id, { status: 'done', output: textOutput('121') })).toBe('stale');
    expect(await store.leases.settle(id, { status: 'failed', message: 'hash of 120' })).toBe('stale');
  });

  test('fails a job that nobody holds', async () => {
    const id = await store.accepted();
    expect(await store.leases.settle(id, { status: 'failed', message: 'no' })).toBe('ok');
    expect(await store.intake.find(id)).toMatchObject({
      kind: 'job',
      job: { status: 'failed', errorMessage: 'no' },
    });
    expect(await store.leases.settle(id, { status: 'failed', message: 'no' })).toBe('same');
  });

  test('is refused while a worker holds the job, and taken once its lease is out', async () => {
    const attempt = await store.claimed(await store.accepted());
    expect(await store.leases.settle(attempt.id, { status: 'done', output: textOutput('x') })).toBe('stale');
    await store.expireLease(attempt.id);
    expect(await store.leases.settle(attempt.id, { status: 'done', output: textOutput('x') })).toBe('ok');
    expect(await store.leases.complete(attempt, textOutput('x'))).toBe('stale');
  });

  test('answers gone for an unknown job and does not teach a service time', async () => {
    expect(await store.leases.settle('nobody', { status: 'failed', message: 'x' })).toBe('gone');
    const id = await store.accepted({ pool: 'article' });
    await store.leases.settle(id, { status: 'done', output: textOutput('x') });
    expect(await testRedis.redis.hget(testRedis.keys.pool('article'), 'serviceMs')).toBeNull();
  });
});
