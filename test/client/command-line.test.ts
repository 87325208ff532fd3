import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { queueName } from '@factorial/core/queue/topology';
import { sendRaw } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import {
  type Ran,
  runFactorial,
  type RunFactorialOptions,
} from '../../packages/client/src/testing/run-factorial.ts';
import { repositoryDir } from './code-blocks.ts';

/** Logs and streams as it goes; some of it while somebody listens already. */
const handler = `
import { setTimeout as delay } from 'node:timers/promises';
export const run = async (input, { log, output, progress }) => {
  log('loading');
  output('Hel');
  await delay(1500);
  progress(0.5, 'half way');
  log('almost there');
  output('lo');
};`;

let system: System;
let dir: string;
let tasks: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factorial-cli-'));
  tasks = await mkdtemp(join(tmpdir(), 'factorial-cli-task-'));
  const talk = {
    name: 'talk',
    version: '1',
    input: { type: 'object', properties: { prompt: { type: 'string' } } },
    output: { mediaType: 'text/plain' },
    run: { module: './handler.js' },
  };
  await writeFile(join(tasks, 'task.json'), JSON.stringify(talk));
  await writeFile(join(tasks, 'package.json'), '{"type":"module"}');
  await writeFile(join(tasks, 'handler.js'), handler);
  const folders = [join(repositoryDir, 'services/worker/src/tasks/factorial'), tasks];
  system = await startSystem({ workers: 1, workerEnv: { TASKS: folders.join(',') } });
});
afterAll(async () => {
  await system.stop();
  await rm(dir, { recursive: true });
  await rm(tasks, { recursive: true });
});

const factorial = async (args: string, options: RunFactorialOptions = {}): Promise<Ran> =>
  runFactorial(args.split(' '), { env: { API_URL: system.apiUrl, TOKEN: system.token }, ...options });

/** What it printed, where it went well. */
const printed = async (args: string, options: RunFactorialOptions = {}): Promise<string> => {
  const { code, out, err } = await factorial(args, options);
  expect({ code, err }).toMatchObject({ code: 0 });
  return out.trim();
};

test('submits, shows progress on a terminal, and leaves a file that is whole', async () => {
  const file = join(dir, 'digits.txt');
  // Long enough on any machine that a part of it is told.
  const { code, out, err } = await factorial(`submit factorial n=500000 --wait -o ${file}`, {
    terminal: true,
  });
  expect({ code, out }).toEqual({ code: 0, out: '' });
  expect(err).toMatch(/processing \[=+ *\] +\d+ %/);
  expect(await readFile(file, 'latin1')).toMatch(/^\d+$/);
  expect(await readFile(file)).toHaveLength(2_632_342);
  expect(await readdir(dir)).toEqual(['digits.txt']);
});

test('submits now, waits and fetches later', async () => {
  const id = await printed('submit factorial n=10 --label order=17');
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await printed(`wait ${id}`)).toMatch(new RegExp(`^${id} {2}done after [\\d.]+ s$`));
  expect(await printed(`result ${id}`)).toBe('3628800');
  expect(JSON.parse(await printed(`result ${id} --json`))).toMatchObject({ id, output: '3628800' });
  expect(await printed('ls --label order=17')).toContain(`${id}  factorial  done    1/`);
  const events = (await printed(`logs --json ${id}`))
    .split('\n')
    .map((line) => Reflect.get(JSON.parse(line), 'type') as unknown);
  expect([events.at(0), events.at(-1)]).toEqual(['queued', 'done']);
  expect(await printed(`logs -f --events ${id}`)).toContain('7 bytes of text/plain');
  expect(await printed(`rm ${id}`)).toBe(`${id}  deleted`);
  expect(await factorial(`result ${id}`)).toMatchObject({ code: 5 });
});

test('cancels and runs again', async () => {
  const id = await printed('submit factorial n=1000000');
  expect(await printed(`cancel ${id}`)).toBe(`${id}  cancelled`);
  expect(await factorial(`wait ${id}`)).toMatchObject({ code: 1 });
  expect(await factorial(`cancel ${id}`)).toMatchObject({ code: 6 });
  expect(await printed(`retry ${id}`)).toBe(`${id}  queued`);
  await printed(`cancel ${id}`);
  expect(await printed(`logs --events ${id}`)).toMatch(/ cancelled\n[^]* retried\n[^]* cancelled$/);
});

test('takes a number for a text where the task takes texts only', async () => {
  const id = await printed('submit talk prompt=123');
  expect(JSON.parse(await printed(`result ${id} --json`))).toMatchObject({ input: { prompt: '123' } });
  await printed(`wait ${id}`);
});

test('tells what a job logs and streams while it runs', async () => {
  const id = await printed('submit talk');
  const [log, output] = await Promise.all([printed(`logs -f ${id}`), printed(`logs -f --output ${id}`)]);
  expect(log).toBe('loading\nalmost there');
  expect(output).toBe('Hello');
  expect(await printed(`result ${id}`)).toBe('Hello');
  expect(await printed(`logs ${id}`)).toBe(log);
});

test('ends the wait at Ctrl-C, not the job, and says how to go on', { timeout: 60_000 }, async () => {
  const program = join(repositoryDir, 'packages/client/src/cli/main.ts');
  const env = { ...process.env, API_URL: system.apiUrl, TOKEN: system.token };
  const child = spawn(process.execPath, [program, 'submit', 'factorial', 'n=1000000', '--wait'], { env });
  const running = async (): Promise<string> => printed('ls --status processing --limit 1 --json');
  const id = await waitUntil(async () => /"id":"([^"]+)"/.exec(await running())?.[1], {
    timeoutMs: 20_000,
    what: 'it runs',
  });
  child.kill('SIGINT');
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(code).toBe(130);
  expect(err).toContain(`factorial wait ${id}`);
  expect(await printed(`cancel ${id}`)).toBe(`${id}  cancelled`);
});

test('shows tasks and the queue', async () => {
  expect(await printed('task ls')).toMatch(/^NAME .*\nfactorial {2}\S+ +factorial +text\/plain.*\ntalk /);
  expect(await printed('task show factorial')).toContain('"maximum"');
  expect(await factorial('task show nothing')).toMatchObject({ code: 5 });
  expect(await printed('queue')).toMatch(/^POOL .*SCALER\nfactorial +\d+ .*silent$/);
  const left = new AbortController();
  const watched = factorial('queue --watch --json', { signal: left.signal });
  setTimeout(() => left.abort(), 2_500);
  expect((await watched).out.trim().split('\n').length).toBeGreaterThan(1);
});

test('looks after dead letters, with a token that may', async () => {
  await sendRaw(system.amqpUrl, queueName('factorial'), ['no JSON at all']);
  const admin = { env: { API_URL: system.apiUrl, TOKEN: system.adminToken } };
  await waitUntil(async () => (await printed('dead-letters ls', admin)).includes('not_json'), {
    what: 'it is listed',
  });
  expect(await factorial('dead-letters ls')).toMatchObject({ code: 4 });
  expect(await factorial('dead-letters redrive 17-0', admin)).toMatchObject({
    code: 1,
    out: '0 sent back\n17-0 stays: missing\n',
  });
  expect(await printed('dead-letters purge --all', admin)).toBe('1 thrown away');
});
