import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';

const root = resolve(import.meta.dirname, '../..');
const packages = resolve(root, '.local/python');
const run = promisify(execFile);

let system: System;
let client: SystemClient;
let worker: ChildProcess | undefined;
/** Why the test cannot run on this machine. */
let missing: string | undefined;

const installPika = async (): Promise<void> => {
  const env = { ...process.env, PYTHONPATH: packages };
  const has = await run('python3', ['-c', 'import pika'], { env }).then(
    () => true,
    () => false,
  );
  if (!has) await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', packages, 'pika==1.3.2']);
};

beforeAll(async () => {
  try {
    await installPika();
  } catch (error) {
    missing = `the article's worker needs python3 with pip: ${String(error)}`;
    return;
  }
  system = await startSystem({ workers: 1 });
  client = createSystemClient(system);
}, 120_000);
afterAll(async () => {
  worker?.kill('SIGKILL');
  await system?.stop();
});

const startArticleWorker = async (): Promise<ChildProcess> => {
  const env = {
    ...process.env,
    PYTHONPATH: packages,
    AMQP_URL: system.amqpUrl,
    INTERNAL_URL: system.internalUrl,
    TOKEN: (await readFile(system.workerTokenFile, 'utf8')).trim(),
  };
  const child = spawn('python3', ['-u', resolve(root, 'test/article-worker/worker.py')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
};

test("a worker of the article's kind does jobs alone and beside ours", async (context) => {
  if (missing !== undefined) {
    console.warn(missing);
    context.skip(missing);
  }
  await system.workers[0]?.stop();
  worker = await startArticleWorker();
  const alone = await client.call('/factorial?no=1000');
  const done = await client.waitUntilFinal(alone.text);
  expect(done).toMatchObject({ status: 'done', attempt: 1 });
  expect(String(done.output)).toHaveLength(2_568);

  await system.workers[0]?.start();
  const ids = await Promise.all(Array.from({ length: 60 }, async () => client.accepted({ n: 3_000 })));
  const both = await Promise.all(ids.map(async (id) => client.waitUntilFinal(id)));
  expect(both.filter(({ status }) => status !== 'done')).toEqual([]);
  expect(new Set(both.map(({ output }) => output)).size).toBe(1);
}, 120_000);
