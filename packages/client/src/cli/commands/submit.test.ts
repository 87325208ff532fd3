import { describe, expect, it } from 'vitest';
import { runFactorial } from '../../testing/run-factorial.ts';
import { type Answer, json, problem } from '../../testing/stand-in-api.ts';
import { job, useStandIn } from '../../testing/use-stand-in.ts';

const submit = async (args: readonly string[], answers: Answer[]) => {
  const { api } = await useStandIn(answers);
  const ran = await runFactorial(['submit', ...args], { env: { API_URL: api.url, TOKEN: 'a.b.c' } });
  const bodies = api.asked
    .filter(({ method }) => method === 'POST')
    .map(({ body }): unknown => JSON.parse(body));
  return { ...ran, bodies, asked: api.asked.length };
};

describe('pairs that were read as JSON', () => {
  const properties = {
    prompt: { type: 'string' },
    size: { enum: ['1', '2'] },
    n: { type: 'integer', maximum: 9 },
    any: {},
  };
  const refused = problem(422, 'invalid-input', {
    errors: [{ pointer: '/input/prompt', detail: 'must be string' }],
  });
  const tasks = json(200, { tasks: [{ name: 'talk', input: { type: 'object', properties } }] });
  const accepted = json(202, job('queued'));

  it('are texts where the task takes nothing else', async () => {
    const pairs = ['prompt=1e3', 'size=1', 'n=3', 'any=true'];
    const { code, out, bodies } = await submit(['talk', ...pairs], [refused, tasks, accepted]);
    expect({ code, out }).toEqual({ code: 0, out: 'j1\n' });
    expect(bodies).toEqual([
      { task: 'talk', input: { prompt: 1_000, size: 1, n: 3, any: true } },
      { task: 'talk', input: { prompt: '1e3', size: '1', n: 3, any: true } },
    ]);
  });

  it('cost no further request when the task takes them as they are', async () => {
    const { code, asked } = await submit(['talk', 'prompt=hello', 'n=3'], [accepted]);
    expect({ code, asked }).toEqual({ code: 0, asked: 1 });
  });

  it('are refused as before when the token may not read tasks', async () => {
    const { code, err } = await submit(['talk', 'prompt=1'], [refused, problem(403, 'forbidden')]);
    expect(code).toBe(2);
    expect(err).toContain('/input/prompt: must be string');
  });

  it.each([
    ['no text would help', ['talk', 'n=10', 'prompt=hello'], 2],
    ['the task is not listed', ['other', 'prompt=1'], 2],
    ['the input came as JSON', ['talk', '--input', '{"prompt":1}'], 1],
  ])('are refused as before when %s', async (_, args, expected) => {
    const { code, err, asked } = await submit(args, [refused, tasks, accepted]);
    expect({ code, asked }).toEqual({ code: 2, asked: expected });
    expect(err).toContain('/input/prompt: must be string');
  });
});

it.each([
  ['6', '6\n'],
  ['{}\n', '{}\n'],
  ['', ''],
])('ends the line on a terminal, and only where the output does not: %j', async (output, shown) => {
  const bring: Answer = (_, res) => void res.writeHead(200, { 'content-type': 'text/plain' }).end(output);
  const { api } = await useStandIn([json(202, job('done')), bring]);
  const env = { API_URL: api.url, TOKEN: 'a.b.c' };
  const { out } = await runFactorial(['submit', 'talk', '--wait'], { env, terminal: true });
  expect(out).toBe(shown);
});
