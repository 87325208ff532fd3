import { describe, expect, it } from 'vitest';
import { JobFailedError } from '../errors.ts';
import { event, json, problem, silence, stream } from '../testing/stand-in-api.ts';
import { job, useStandIn } from '../testing/use-stand-in.ts';

const submission = { task: 'factorial', input: { n: 3 } };
const finished = stream([event('1', 'started'), event('2', 'done')]);

const asked = (api: { asked: { method: string; path: string; headers: object }[] }): string[] =>
  api.asked.map(({ method, path, headers }) =>
    `${method} ${path} ${String(Reflect.get(headers, 'prefer') ?? '')}`.trim(),
  );

describe('run', () => {
  it('needs one request when the job ends while the submission waits', async () => {
    const { api, client } = await useStandIn([json(200, job('done', { output: '6' }))]);
    expect(await client.run(submission)).toMatchObject({ output: '6' });
    expect(asked(api)).toEqual(['POST /v1/jobs wait=50']);
  });

  it('waits by the stream when the job outlasts two answers that were held', async () => {
    const { api, client } = await useStandIn([
      json(202, job('queued')),
      json(200, job('processing')),
      finished,
      json(200, job('done')),
    ]);
    await client.run(submission);
    expect(asked(api)).toEqual([
      'POST /v1/jobs wait=50',
      'GET /v1/jobs/j1 wait=50',
      'GET /v1/jobs/j1/events',
      'GET /v1/jobs/j1 wait=50',
    ]);
  });

  it('uses the stream from the start when somebody wants to hear', async () => {
    const { api, client } = await useStandIn([json(202, job('queued')), finished, json(200, job('done'))]);
    const heard: string[] = [];
    await client.run(submission, { onEvent: ({ type }) => heard.push(type) });
    expect(heard).toEqual(['started', 'done']);
    expect(asked(api)).toEqual(['POST /v1/jobs', 'GET /v1/jobs/j1/events', 'GET /v1/jobs/j1 wait=50']);
  });

  it.each([
    ['failed', { error: { code: 'permanent', message: 'it broke', retryable: false } }, 'permanent'],
    ['cancelled', {}, 'cancelled'],
  ])('throws the job when it ends as %s', async (status, more, code) => {
    const { client } = await useStandIn([json(200, job(status, more))]);
    const error: unknown = await client.run(submission).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JobFailedError);
    expect(error).toMatchObject({ code, job: { id: 'j1', status } });
  });

  it('asks the server for no more time than there is', async () => {
    const { api, client } = await useStandIn([json(202, job('queued')), silence]);
    const error = client.run(submission, { timeoutMs: 1_100 });
    await expect(error).rejects.toMatchObject({ code: 'wait-timeout' });
    expect(asked(api)[0]).toBe('POST /v1/jobs wait=1');
  });
});

describe('wait', () => {
  it('goes on by held answers where there is no stream', async () => {
    const { api, client } = await useStandIn([
      json(200, job('queued')),
      problem(404, 'route-not-found'),
      json(200, job('processing')),
      json(200, job('failed')),
    ]);
    expect(await client.wait({ id: 'j1' })).toMatchObject({ status: 'failed' });
    expect(asked(api)).toEqual([
      'GET /v1/jobs/j1 wait=50',
      'GET /v1/jobs/j1/events',
      'GET /v1/jobs/j1 wait=50',
      'GET /v1/jobs/j1 wait=50',
    ]);
  });

  it('ends when its time is over, and names the job', async () => {
    const { client } = await useStandIn([silence]);
    const waited = client.wait('j1', { timeoutMs: 50 });
    await expect(waited).rejects.toThrow('job j1 had not ended after 0.05 s; it goes on');
    await expect(waited).rejects.toMatchObject({ code: 'wait-timeout', status: 0 });
  });

  it('ends when its time is over in the middle of the stream', async () => {
    const { client } = await useStandIn([stream([event('1', 'started')], 'stays')]);
    const waited = client.wait('j1', { timeoutMs: 100, onEvent: () => undefined });
    await expect(waited).rejects.toMatchObject({ code: 'wait-timeout' });
  });

  it('throws when the job is not there', async () => {
    const { client } = await useStandIn([problem(404, 'job-not-found')]);
    await expect(client.wait('j1')).rejects.toMatchObject({ code: 'job-not-found' });
  });
});
