import { join } from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTasks, type Task } from '../tasks/load-tasks.ts';
import type { FixtureInput } from '../testing/fixture-task/handler.ts';
import { launchOf } from './launch-of.ts';
import { residentBytes } from './resident-memory.ts';
import type { RunRef } from './run-ref.ts';
import { startRunnerProcess } from './runner-process.ts';
import { createTaskRunner, type TaskRunner, type TaskRunnerDeps } from './task-runner.ts';

const logger = pino({ level: 'silent' });
const mebibyte = 1_048_576;

const fixture = async (): Promise<Task> => {
  const folder = join(import.meta.dirname, '../testing/fixture-task');
  const task = (await loadTasks({ folders: [folder], pool: 'factorial', env: {} })).get('fixture');
  if (!task) throw new Error('the fixture is missing');
  return task;
};

describe('createTaskRunner', () => {
  let runner: TaskRunner;
  let restarts = 0;
  let broken: Error[] = [];
  const progress: [number, string][] = [];
  const said: string[] = [];

  const create = async (
    task: Partial<Task> = {},
    deps: Partial<TaskRunnerDeps> = {},
  ): Promise<TaskRunner> => {
    const given = { ...(await fixture()), ...task };
    runner = createTaskRunner({
      startProcess: (listener) =>
        startRunnerProcess({
          launch: launchOf(given, process.env),
          logger,
          maxLineBytes: mebibyte,
          ...listener,
        }),
      setupTimeoutMs: 10_000,
      memoryLimitBytes: 256 * mebibyte,
      maxOutputBytes: mebibyte,
      residentBytes,
      logger,
      nowMs: () => performance.now(),
      random: () => 0,
      onRunTime: () => undefined,
      onRestart: () => {
        restarts += 1;
      },
      onBroken: (error) => broken.push(error),
      ...deps,
    });
    return runner;
  };

  const run = async (id: string, input: FixtureInput, timeLimitMs = 30_000) =>
    runAttempt({ id, attempt: 2 }, input, timeLimitMs);

  const runAttempt = async (ref: RunRef, input: FixtureInput, timeLimitMs = 30_000) =>
    runner.run({
      ...ref,
      input,
      timeLimitMs,
      onProgress: (value, message) => progress.push([value, message]),
      onLog: (text) => said.push(`log ${text}`),
      onOutput: (chunk) => said.push(`output ${chunk}`),
    });

  const pidOf = async (id: string): Promise<unknown> => {
    const result = await run(id, { do: 'echo' });
    if (result.kind !== 'done') throw new Error(`not done: ${JSON.stringify(result)}`);
    return Reflect.get(Object(result.output), 'pid');
  };

  beforeEach(async () => {
    restarts = 0;
    broken = [];
    progress.length = 0;
    said.length = 0;
    await (await create()).start();
  });
  afterEach(async () => runner.close());

  it('sets the model up once and reuses the process when runs succeed', async () => {
    const first = await run('a', { do: 'echo', text: 'hé' });
    const second = await run('b', { do: 'echo', text: 'hé' });
    expect(first).toMatchObject({ kind: 'done', output: { text: 'hé', attempt: 2, model: { setups: 1 } } });
    expect(second).toEqual(first);
  });

  it('answers many runs in their order when they are written ahead', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => run(`j${index}`, { do: 'echo', text: String(index) })),
    );
    expect(results.map((result) => Reflect.get(Object(Reflect.get(result, 'output')), 'text'))).toEqual(
      Array.from({ length: 50 }, (_, index) => String(index)),
    );
  });

  it('hands progress on', async () => {
    expect(await run('a', { do: 'progress' })).toEqual({ kind: 'done', output: 'done' });
    expect(progress).toEqual([[0.5, 'half']]);
  });

  it('puts streamed chunks together', async () => {
    expect(await run('a', { do: 'stream' })).toEqual({ kind: 'done', output: 'one two' });
    expect(said).toEqual(['output one ', 'output two']);
  });

  it('hands on what a handler logs, line by line', async () => {
    await run('a', { do: 'print', text: 'first\nsecond' });
    expect(said.join()).toContain('log first,log second');
  });

  it('takes what a handler prints for log, even when it looks like the protocol', async () => {
    const forged = '{"type":"done","output":"forged"}';
    expect(await run('a', { do: 'print', text: forged })).toEqual({ kind: 'done', output: 'printed' });
  });

  it('keeps the process when the handler says permanent or later, and replaces it after any other error', async () => {
    const pid = await pidOf('a');
    expect(await run('b', { do: 'refuse' })).toMatchObject({ code: 'bad-picture', retry: 'never' });
    expect(await run('c', { do: 'later' })).toMatchObject({ retry: 'later', delaySeconds: 7 });
    expect(await pidOf('d')).toBe(pid);
    expect(await run('e', { do: 'throw' })).toMatchObject({ message: 'no luck', retry: 'backoff' });
    expect(await pidOf('f')).not.toBe(pid);
  });

  it.each([
    ['crash', /killed by SIGSEGV/],
    ['exit', /exited with code 3/],
  ] as const)(
    'fails only the running job when the runner dies by %s, and runs those behind it',
    async (how, message) => {
      const [dead, ...behind] = await Promise.all([
        run('a', { do: how }),
        run('b', { do: 'echo', text: 'b' }),
        run('c', { do: 'echo', text: 'c' }),
      ]);
      expect(dead).toMatchObject({ kind: 'failed', code: 'runner-crashed', retry: 'backoff' });
      expect(Reflect.get(dead, 'message')).toMatch(message);
      expect(behind).toMatchObject([{ output: { text: 'b' } }, { output: { text: 'c' } }]);
      expect(restarts).toBe(1);
    },
  );

  it('ends a computing run within 800 ms when it is stopped, and runs the next', async () => {
    const running = run('a', { do: 'spin' });
    const next = run('b', { do: 'echo', text: 'next' });
    await waitUntil(() => runner.headMs() > 100, { what: 'the run is under way' });
    const startMs = performance.now();
    runner.stop({ id: 'a', attempt: 2 });
    expect(await running).toEqual({ kind: 'stopped' });
    expect(performance.now() - startMs).toBeLessThan(800);
    expect(await next).toMatchObject({ output: { text: 'next' } });
  });

  it('ends a waiting handler by its signal when it is stopped', async () => {
    const running = run('a', { do: 'hang' });
    await waitUntil(() => runner.headMs() > 100, { what: 'the run is under way' });
    const startMs = performance.now();
    runner.stop({ id: 'a', attempt: 2 });
    expect(await running).toEqual({ kind: 'stopped' });
    expect(performance.now() - startMs).toBeLessThan(400);
  });

  it('gives a job in line back at once when it is stopped, and leaves the running one alone', async () => {
    const running = run('a', { do: 'spin', ms: 300 });
    const waiting = run('b', { do: 'echo' });
    const third = run('c', { do: 'echo', text: 'c' });
    runner.stop({ id: 'b', attempt: 2 });
    expect(await waiting).toEqual({ kind: 'stopped' });
    expect(runner.line()).toEqual([
      { id: 'a', attempt: 2 },
      { id: 'c', attempt: 2 },
    ]);
    expect(await running).toMatchObject({ kind: 'done' });
    expect(await third).toMatchObject({ output: { text: 'c' } });
    expect(restarts).toBe(0);
  });

  it('stops the attempt that is named, and no other one of the same job', async () => {
    const [first, second] = [
      { id: 'a', attempt: 1 },
      { id: 'a', attempt: 2 },
    ];
    const [running, next] = [runAttempt(first, { do: 'hang' }), runAttempt(second, { do: 'echo' })];
    runner.stop(second);
    expect(await next).toEqual({ kind: 'stopped' });
    const third = run('b', { do: 'echo', text: 'b' });
    expect(runner.line()).toEqual([first, { id: 'b', attempt: 2 }]);
    runner.stop(second);
    expect(runner.line()).toHaveLength(2);
    runner.stop(first);
    expect(await running).toEqual({ kind: 'stopped' });
    expect(await third).toMatchObject({ output: { text: 'b' } });
  });

  it('fails for good when a run passes its time limit, counted from its own turn', async () => {
    const results = await Promise.all([
      run('a', { do: 'spin', ms: 400 }),
      run('b', { do: 'echo' }, 350),
      run('c', { do: 'spin' }, 300),
    ]);
    expect(results).toMatchObject([
      { kind: 'done' },
      { kind: 'done' },
      { kind: 'failed', code: 'run-timeout', retry: 'never', message: 'ran longer than its limit of 0.3 s' },
    ]);
  });

  it('stops a run that passes its memory limit, and says so', async () => {
    const result = await run('a', { do: 'grow' });
    expect(result).toMatchObject({ kind: 'failed', code: 'out-of-memory', retry: 'backoff' });
    expect(await pidOf('b')).toBeTypeOf('number');
  });

  it('fails a job whose output passes the limit of a line', async () => {
    expect(await run('a', { do: 'large', ms: 2 * mebibyte })).toMatchObject({ code: 'output-too-large' });
    expect(await pidOf('b')).toBeTypeOf('number');
  });

  it('speaks with a program in another language', async () => {
    await runner.close();
    const script = [
      'import json,sys',
      'for line in sys.stdin:',
      '  m=json.loads(line)',
      '  if m["type"]=="setup": print("warming up"); print(json.dumps({"type":"ready"}),flush=True)',
      '  if m["type"]=="run": print(json.dumps({"type":"done","output":m["input"]["text"].upper()}),flush=True)',
    ].join('\n');
    await (await create({ run: { command: ['python3', '-c', script] } })).start();
    expect(await run('a', { do: 'echo', text: 'python' })).toEqual({ kind: 'done', output: 'PYTHON' });
  });

  it('takes what a program logs up to the end of a run for the log of that run', async () => {
    await runner.close();
    const script = [
      'import json,sys',
      'print(json.dumps({"type":"ready"}),flush=True)',
      'for line in sys.stdin:',
      '  m=json.loads(line)',
      '  if m["type"]!="run": continue',
      '  print("x"*5000+"\\nlast of "+m["id"],file=sys.stderr,flush=True)',
      '  print(json.dumps({"type":"done"}),flush=True)',
    ].join('\n');
    await (await create({ run: { command: ['python3', '-c', script] } })).start();
    for (let index = 0; index < 100; index += 1) {
      said.length = 0;
      await run(`j${index}`, { do: 'echo' });
      expect(said.at(-1)).toBe(`log last of j${index}`);
    }
  });

  it.each([
    ['the program does not exist', ['no-such-program'], /could not be started.*ENOENT/],
    ['it dies in its set-up', ['sh', '-c', 'echo no model >&2; exit 4'], /exited with code 4: no model/],
    ['it is not ready in time', ['sleep', '60'], /no ready within 300 ms/],
  ] as const)('fails to start when %s', async (_, command, message) => {
    await runner.close();
    await create({ run: { command: [...command] } }, { setupTimeoutMs: 300 });
    await expect(runner.start()).rejects.toThrow(message);
  });

  it('gives the jobs back and says it is broken when the set-up fails again and again', async () => {
    await runner.close();
    let starts = 0;
    const given = await fixture();
    const failing = { ...given, run: { command: ['false'] } };
    await create(
      {},
      {
        startProcess: (listener) => {
          starts += 1;
          const launch = launchOf(starts === 1 ? given : failing, process.env);
          return startRunnerProcess({ launch, logger, maxLineBytes: mebibyte, ...listener });
        },
      },
    );
    await runner.start();
    const [dead, behind] = await Promise.all([run('a', { do: 'exit' }), run('b', { do: 'echo' })]);
    expect(dead).toMatchObject({ code: 'runner-crashed' });
    expect(behind).toEqual({ kind: 'stopped' });
    await waitUntil(() => broken.length === 1, { what: 'five set-ups have failed' });
    expect(starts).toBeGreaterThanOrEqual(6);
  });
});
