import { describe, expect, it } from 'vitest';
import { FactorialError } from '../errors.ts';
import { breakOff, json, problem, silence } from '../testing/stand-in-api.ts';
import { job, useStandIn } from '../testing/use-stand-in.ts';

const submission = { task: 'factorial', input: { n: 3 } };

const refusalOf = async (work: Promise<unknown>): Promise<FactorialError> => {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (error instanceof FactorialError) return error;
  throw new Error('no FactorialError was thrown', { cause: error });
};

describe('a refusal', () => {
  it('is thrown with all that its problem document says, and is not tried again', async () => {
    const errors = [{ pointer: '/input/n', detail: 'must be >= 0' }];
    const { api, client } = await useStandIn([problem(422, 'invalid-input', { errors, more: 1 })]);
    const error = await refusalOf(client.submit(submission));
    expect(error).toMatchObject({
      code: 'invalid-input',
      status: 422,
      message: 'it is invalid-input',
      requestId: 'r-1',
      errors,
      tries: 1,
      problem: { more: 1 },
    });
    expect(api.asked).toHaveLength(1);
  });

  it('is an unexpected answer when somebody else gave it', async () => {
    const { client } = await useStandIn([json(418, { tea: true })]);
    expect(await refusalOf(client.get('j1'))).toMatchObject({ code: 'unexpected-answer', status: 418 });
  });

  it('is one, too, when a success is no JSON', async () => {
    const page = await useStandIn([(_, res) => void res.end('<html>')]);
    expect(await refusalOf(page.client.get('j1'))).toMatchObject({ code: 'unexpected-answer', status: 200 });
  });
});

describe('what may pass', () => {
  it.each([
    ['a lost connection', breakOff],
    ['a full queue', problem(503, 'queue-full')],
    ['too many jobs', problem(429, 'quota-exceeded')],
    ['a gateway that has nobody behind it', json(502, {})],
    ['a key whose first request is still under way', problem(409, 'in-progress', { retryAfterSeconds: 0 })],
  ])('is tried again under one key: %s', async (_, refuse) => {
    const { api, client } = await useStandIn([refuse, refuse, json(202, job('queued'))]);
    expect(await client.submit(submission)).toMatchObject({ id: 'j1' });
    const keys = api.asked.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is given up after as many tries as are allowed', async () => {
    const { api, client } = await useStandIn([problem(503, 'queue-full')], { retries: 2 });
    expect(await refusalOf(client.submit(submission))).toMatchObject({ code: 'queue-full', tries: 3 });
    expect(api.asked).toHaveLength(3);
  });

  it('is tried again when the server says, not before', async () => {
    const busy = problem(503, 'queue-full', { retryAfterSeconds: 1 });
    const { client } = await useStandIn([busy, json(202, job('queued'))]);
    const beganMs = performance.now();
    await client.submit(submission);
    expect(performance.now() - beganMs).toBeGreaterThan(990);
  });

  it('is thrown at once when the server asks for more patience than a minute', async () => {
    const { api, client } = await useStandIn([problem(503, 'queue-full', { retryAfterSeconds: 61 })]);
    expect(await refusalOf(client.submit(submission))).toMatchObject({ retryAfterSeconds: 61 });
    expect(api.asked).toHaveLength(1);
  });

  it('is unreachable when nobody listens, and the message says why', async () => {
    const { api, client } = await useStandIn([json(200, {})], { retries: 1 });
    await api.close();
    const error = await refusalOf(client.get('j1'));
    expect(error).toMatchObject({ code: 'unreachable', status: 0, tries: 2 });
    expect(error.message).toContain('ECONNREFUSED');
  });
});

describe('a request', () => {
  it('ends when its time is over', async () => {
    const { client } = await useStandIn([silence], { timeoutMs: 50, retries: 0 });
    expect(await refusalOf(client.get('j1'))).toMatchObject({ code: 'timeout', status: 0 });
  });

  it('has the time besides that it asked the server to hold its answer', async () => {
    const late = (status: string) => async (_: unknown, res: Parameters<typeof silence>[1]) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      json(200, job(status))({ method: '', path: '', headers: {}, body: '' }, res)?.catch(() => undefined);
    };
    const { api, client } = await useStandIn([late('done')], { timeoutMs: 100, retries: 0 });
    expect(await client.get('j1', { waitSeconds: 1 })).toMatchObject({ status: 'done' });
    expect(api.asked[0]?.headers['prefer']).toBe('wait=1');
  });

  it.each([
    ['while it waits for the answer', silence],
    ['while it waits for the next try', problem(503, 'queue-full', { retryAfterSeconds: 30 })],
  ])('ends with the reason of its signal %s', async (_, answer) => {
    const { api, client } = await useStandIn([answer]);
    const reason = new Error('no longer wanted');
    const left = new AbortController();
    const ended = client.submit(submission, { signal: left.signal }).catch((error: unknown) => error);
    await expect.poll(() => api.asked.length).toBe(1);
    left.abort(reason);
    expect(await ended).toBe(reason);
  });

  it('is not even sent when its signal has aborted', async () => {
    const { api, client } = await useStandIn([json(200, {})]);
    await expect(client.get('j1', { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(api.asked).toEqual([]);
  });

  it('fetches another token once when one is refused', async () => {
    const tokens = ['old', 'new'];
    const refused = problem(401, 'unauthorized');
    const { api, client } = await useStandIn([refused, json(200, job('done'))], {
      token: async () => tokens.shift() ?? 'none',
    });
    await client.get('j1');
    expect(api.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('gives up when the other token is refused, too', async () => {
    let count = 0;
    const { api, client } = await useStandIn([problem(401, 'unauthorized')], {
      token: () => `t${(count += 1)}`,
    });
    expect(await refusalOf(client.get('j1'))).toMatchObject({ status: 401 });
    expect(api.asked).toHaveLength(2);
  });

  it('goes below the path of the base URL', async () => {
    const { api, client } = await useStandIn([json(200, { tasks: [] })]);
    const { createClient } = await import('../create-client.ts');
    await createClient({ baseUrl: `${api.url}/jobs-api/` }).tasks();
    await client.get('a/b');
    expect(api.asked.map(({ path }) => path)).toEqual(['/jobs-api/v1/tasks', '/v1/jobs/a%2Fb']);
  });
});

describe('a change whose answer was lost', () => {
  const wrongState = problem(409, 'wrong-state');

  it.each([
    ['cancel', 'cancelled'],
    ['retry', 'queued'],
    ['retry', 'done'],
  ] as const)('counts as made: %s of a job that is %s now', async (verb, status) => {
    const { client } = await useStandIn([breakOff, wrongState, json(200, job(status))]);
    expect(await client[verb]('j1')).toMatchObject({ status });
  });

  it('counts as refused when the job is in another state', async () => {
    const { client } = await useStandIn([breakOff, wrongState, json(200, job('done'))]);
    expect(await refusalOf(client.cancel('j1'))).toMatchObject({ code: 'wrong-state' });
  });

  it('is refused at the first try without a further look', async () => {
    const { api, client } = await useStandIn([wrongState]);
    expect(await refusalOf(client.cancel('j1'))).toMatchObject({ code: 'wrong-state' });
    expect(api.asked).toHaveLength(1);
  });

  it('counts as made: a deletion that finds the job gone', async () => {
    const { client } = await useStandIn([breakOff, problem(410, 'job-expired')]);
    await client.remove('j1');
    const again = await useStandIn([problem(410, 'job-expired')]);
    expect(await refusalOf(again.client.remove('j1'))).toMatchObject({ code: 'job-expired' });
  });
});
