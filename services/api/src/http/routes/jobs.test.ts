import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { jobViewSchema, type JobView } from '../../jobs/job-view.ts';
import { startTestApi, type Answer, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker, type TestWorker } from '../../testing/test-worker.ts';

let test: TestApi;
let worker: TestWorker;

beforeAll(async () => {
  test = await startTestApi();
  worker = createTestWorker(test.askInternal);
  await worker.announce();
});
afterAll(async () => test.close());

const viewOf = (answer: Answer): JobView => jobViewSchema.parse(answer.body);
const submit = async (n: number, headers: Record<string, string> = {}): Promise<Answer> =>
  test.ask('/v1/jobs', { json: { task: 'factorial', input: { n } }, headers });

describe('POST /v1/jobs', () => {
  it('answers 202 with the job, and its message is in the queue', async () => {
    const answer = await submit(10);
    const job = viewOf(answer);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(job).toMatchObject({
      task: 'factorial',
      status: 'queued',
      input: { n: 10 },
      attempt: 0,
      priority: 'normal',
      startedAt: null,
    });
    expect(typeof job.position).toBe('number');
    await waitUntil(async () => ((await test.rabbit.queueCounts('factorial_process'))?.ready ?? 0) > 0, {
      what: 'a message',
    });
  });

  it('answers 200 with the result when the job ends while the client waits', async () => {
    const waiting = submit(5, { prefer: 'wait=20' });
    const id = await waitUntil(async () => (await newest())?.id, { what: 'the job is there' });
    await worker.done(await worker.claim(id), '120');
    const answer = await waiting;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('preference-applied')).toBe('wait=20');
    expect(viewOf(answer)).toMatchObject({ status: 'done', output: '120', outputBytes: 3, attempt: 1 });
  });

  it('answers 202 when the job does not end in time', async () => {
    const answer = await submit(6, { prefer: 'wait=1' });
    expect(answer.status).toBe(202);
    expect(viewOf(answer).status).toBe('queued');
  });

  it('makes one job when fifty requests with one key come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => submit(7, { 'idempotency-key': 'k1' })),
    );
    expect(new Set(answers.map((answer) => viewOf(answer).id)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === 'true')).toHaveLength(
      49,
    );
  });

  it('takes a body that is written differently for the same, and refuses another under one key', async () => {
    const send = async (raw: string) =>
      test.ask('/v1/jobs', { raw, headers: { 'content-type': 'application/json', 'idempotency-key': 'k2' } });
    const first = await send('{"task":"factorial","input":{"n":8},"labels":{"a":"1","b":"2"}}');
    const second = await send(
      '{ "labels":{"b":"2","a":"1"}, "input":{"n":8}, "priority":"normal", "task":"factorial"}',
    );
    expect(viewOf(second).id).toBe(viewOf(first).id);
    const other = await send('{"task":"factorial","input":{"n":9}}');
    expect([other.status, other.body]).toMatchObject([422, { code: 'idempotency-key-reused' }]);
  });

  it('keeps the keys of two owners apart, whatever is in their names', async () => {
    const [first, second] = await Promise.all([
      test.clientToken('a', 'jobs:write'),
      test.clientToken('a:b', 'jobs:write'),
    ]);
    const body = { task: 'factorial', input: { n: 1 } };
    const one = await test.ask('/v1/jobs', {
      json: body,
      token: first,
      headers: { 'idempotency-key': 'b:c' },
    });
    const other = await test.ask('/v1/jobs', {
      json: body,
      token: second,
      headers: { 'idempotency-key': 'c' },
    });
    expect([one.status, other.status]).toEqual([202, 202]);
    expect(viewOf(one).id).not.toBe(viewOf(other).id);
  });
});

const newest = async (): Promise<JobView | undefined> => {
  const answer = await test.ask('/v1/jobs?pageSize=1');
  const found = jobViewSchema.array().parse(Reflect.get(Object(answer.body), 'jobs'))[0];
  return found?.input !== undefined && JSON.stringify(found.input) === '{"n":5}' ? found : undefined;
};

describe('bad input', () => {
  const faults = async (json: unknown) => {
    const { status, body } = await test.ask('/v1/jobs', { json });
    return { status, body };
  };

  it.each([
    ['over the ceiling', { n: 1_000_001 }, '/input/n'],
    ['negative', { n: -1 }, '/input/n'],
    ['no integer', { n: 1.5 }, '/input/n'],
    ['a text', { n: '10' }, '/input/n'],
    ['missing', {}, '/input/n'],
    ['unknown', { n: 1, m: 2 }, '/input/m'],
    ['an array', [1], '/input'],
  ])('answers 422 that points at it when it is %s', async (_name, input, pointer) => {
    const { status, body } = await faults({ task: 'factorial', input });
    expect([status, body]).toMatchObject([422, { code: 'invalid-input', errors: [{ pointer }] }]);
  });

  it('names unknown and wrong fields of the submission', async () => {
    const { status, body } = await faults({
      task: 'factorial',
      input: { n: 1 },
      webhooks: {},
      priority: 'huge',
    });
    expect(status).toBe(422);
    const pointers = Reflect.get(Object(body), 'errors').map((error: { pointer: string }) => error.pointer);
    expect(pointers.sort()).toEqual(['/priority', '/webhooks']);
  });

  it('answers 422 when the input is left out', async () => {
    expect(await faults({ task: 'factorial' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/input' }] },
    });
  });

  it('answers 422 when a time limit is above the task’s own', async () => {
    const { status, body } = await faults({ task: 'factorial', input: { n: 1 }, runTimeoutSeconds: 301 });
    expect([status, body]).toMatchObject([422, { errors: [{ pointer: '/runTimeoutSeconds' }] }]);
  });

  it('answers 404 with the known tasks when the task is unknown', async () => {
    const { status, body } = await faults({ task: 'fibonacci', input: { n: 1 } });
    expect([status, body]).toMatchObject([404, { code: 'task-not-found', knownTasks: ['factorial'] }]);
  });

  it('queues nothing of all that', async () => {
    const before = await test.redis.redis.zcard(test.redis.keys.due);
    await faults({ task: 'factorial', input: { n: -1 } });
    expect(await test.redis.redis.zcard(test.redis.keys.due)).toBe(before);
  });
});

describe('GET /v1/jobs', () => {
  it('pages through the owner’s jobs from newest to oldest, filtered', async () => {
    const token = await test.clientToken('lister', 'jobs:read', 'jobs:write');
    for (let n = 0; n < 5; n += 1) {
      const json = { task: 'factorial', input: { n }, labels: { parity: n % 2 === 0 ? 'even' : 'odd' } };
      await test.ask('/v1/jobs', { token, json });
    }
    const numbersOf = ({ body }: Answer) =>
      Reflect.get(Object(body), 'jobs').map((job: JobView) => Reflect.get(Object(job.input), 'n'));
    const first = await test.ask('/v1/jobs?pageSize=2', { token });
    expect(numbersOf(first)).toEqual([4, 3]);
    const next = String(Reflect.get(Object(first.body), 'nextPageToken'));
    expect(numbersOf(await test.ask(`/v1/jobs?pageSize=2&pageToken=${next}`, { token }))).toEqual([2, 1]);
    expect(
      numbersOf(await test.ask('/v1/jobs?label=parity:even&status=queued&task=factorial', { token })),
    ).toEqual([4, 2, 0]);
    expect(numbersOf(await test.ask('/v1/jobs?label=parity:even&status=done', { token }))).toEqual([]);
    expect(numbersOf(await test.ask('/v1/jobs?pageSize=1000000', { token }))).toHaveLength(5);
  });

  it.each(['status=lost', 'pageSize=many', 'pageToken=nonsense', 'label=nocolon', 'colour=red'])(
    'answers 400 when asked for %s',
    async (query) => {
      const { status, body } = await test.ask(`/v1/jobs?${query}`);
      expect([status, body]).toMatchObject([
        400,
        { code: 'invalid-request', errors: [{ pointer: query.split('=')[0] }] },
      ]);
    },
  );
});
