import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api.ts';
import { createTestWorker } from './testing/test-worker.ts';

let test: TestApi;
afterEach(async () => test.close());

const start = async (env: Record<string, string>): Promise<void> => {
  test = await startTestApi({ env });
  await createTestWorker(test.askInternal).announce();
};
const submit = async () => test.ask('/v1/jobs', { json: { task: 'factorial', input: { n: 1 } } });

describe('back-pressure', () => {
  it('answers 503 queue-full when there are as many unfinished jobs as may be', async () => {
    await start({ MAX_PENDING: '1' });
    expect((await submit()).status).toBe(202);
    const answer = await submit();
    expect([answer.status, answer.body]).toMatchObject([503, { code: 'queue-full' }]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('answers 429 when the owner has as many as it may have, and others are served', async () => {
    await start({ MAX_PENDING_PER_OWNER: '1' });
    expect((await submit()).status).toBe(202);
    const answer = await submit();
    expect([answer.status, answer.body]).toMatchObject([429, { code: 'quota-exceeded' }]);
    const token = await test.clientToken('bob', 'jobs:write', 'jobs:read');
    expect((await test.ask('/factorial?no=1', { token })).status).toBe(200);
  });
});

describe('stop', () => {
  it('answers clients that wait at once, with the job as it stands', async () => {
    await start({});
    const waiting = test.ask('/v1/jobs', {
      json: { task: 'factorial', input: { n: 1 } },
      headers: { prefer: 'wait=60' },
    });
    const metrics = async () => (await fetch(`${test.api.ops.address().url}/metrics`)).text();
    await waitUntil(async () => /api_long_polls\{[^}]*\} 1/.test(await metrics()), {
      what: 'somebody waits',
    });
    const began = performance.now();
    await test.stop();
    expect(performance.now() - began).toBeLessThan(2_000);
    const answer = await waiting;
    expect([answer.status, answer.body]).toMatchObject([202, { status: 'queued' }]);
    expect(answer.headers.get('connection')).toBe('close');
  });
});

describe('metrics', () => {
  it('count requests by route and class, jobs, attempts, and what is due', async () => {
    await start({});
    const worker = createTestWorker(test.askInternal);
    const { text: id } = await test.ask('/factorial?no=1');
    await submit();
    await test.ask('/v1/jobs/none');
    await worker.done(await worker.claim(id), '1');
    const text = await (await fetch(`${test.api.ops.address().url}/metrics`)).text();
    const valueOf = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
    expect(
      valueOf(/factorial_http_request_seconds_count\{[^}]*route="\/v1\/jobs\/:id",status="4xx"[^}]*\} (\d+)/),
    ).toBe('1');
    expect(valueOf(/factorial_jobs_accepted_total\{[^}]*task="factorial"[^}]*\} (\d+)/)).toBe('2');
    expect(valueOf(/factorial_attempts_ended_total\{[^}]*result="done",answer="ok"[^}]*\} (\d+)/)).toBe('1');
    expect(valueOf(/factorial_jobs_due\{[^}]*\} (\d+)/)).toBe('1');
    expect(valueOf(/factorial_jobs_waiting\{[^}]*pool="factorial"[^}]*\} (\d+)/)).toBe('1');
  });
});
