import { expect, it } from 'vitest';
import { type Answer, json, problem, silence } from '../../testing/stand-in-api.ts';
import { job, useStandIn } from '../../testing/use-stand-in.ts';
import { judgeRun } from './judge-run.ts';

const judge = async (answers: Answer[], timeoutMs = 10_000) => {
  const { client } = await useStandIn(answers);
  const { signal } = new AbortController();
  return judgeRun(client, { submission: { task: 'factorial', input: { n: 100 } }, timeoutMs, signal });
};

it('names the tasks there are when the one it tries is not served', async () => {
  const refusal = problem(404, 'task-not-found', { knownTasks: ['talk', 'pyshout'] });
  expect(await judge([refusal])).toMatchObject({
    verdict: 'fault',
    code: 'task-not-found',
    mend: 'Name one of talk, pyshout with --task, and an input for it with --input.',
  });
});

it('asks for a worker when no task is served', async () => {
  const { mend } = await judge([problem(404, 'task-not-found', { knownTasks: [] })]);
  expect(mend).toBe('Start a worker that serves it.');
});

it('says where the input is read about when the task does not take it', async () => {
  const errors = [{ pointer: '/input/text', detail: 'must have it' }];
  const { says, mend } = await judge([problem(422, 'invalid-input', { errors })]);
  expect(says).toContain('/input/text: must have it');
  expect(mend).toContain('factorial task show factorial');
});

it('leaves other refusals to the log of the api', async () => {
  expect((await judge([problem(500, 'internal-error')])).mend).toContain('the log of the api');
});

it('tells its patience in seconds when the job does not end', async () => {
  const { code, says } = await judge([json(202, job('queued')), silence, json(200, job('cancelled'))], 100);
  expect(code).toBe('job-stuck');
  expect(says).toContain('had not ended after 0.1 s');
});
