import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readRunEnv, runEnvFile, writeRunEnv } from './run-env.ts';
import { readOrMakeKey } from './secret-file.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factorial-env-'));
});

afterEach(async () => rm(dir, { recursive: true }));

const env = {
  API_URL: 'http://127.0.0.1:8080',
  INTERNAL_URL: 'http://127.0.0.1:8081',
  OPS_URL: 'http://127.0.0.1:9090',
  TOKEN: 'a.b.c',
  ADMIN_TOKEN: 'd.e=f',
  AMQP_URL: 'amqp://u:p@127.0.0.1:5672',
  WORKER_TOKEN_FILE: '/x/worker.token',
};

it('is read as it was written, and is for its owner only', async () => {
  await writeRunEnv(dir, env);
  expect(await readRunEnv(dir)).toEqual(env);
  expect((await stat(runEnvFile(dir))).mode & 0o777).toBe(0o600);
});

it('is nothing when the file is missing or incomplete', async () => {
  expect(await readRunEnv(dir)).toBeUndefined();
  await writeFile(runEnvFile(dir), 'API_URL=http://127.0.0.1:8080\n');
  expect(await readRunEnv(dir)).toBeUndefined();
});

it('makes a key once, and for its owner only', async () => {
  const file = join(dir, 'key');
  const key = await readOrMakeKey(file);
  expect(Buffer.byteLength(key)).toBeGreaterThanOrEqual(32);
  expect(await readOrMakeKey(file)).toBe(key);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});
