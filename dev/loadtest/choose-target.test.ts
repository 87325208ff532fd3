import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeRunEnv } from '../run/run-env.ts';
import { chooseTarget } from './choose-target.ts';

let localDir: string;

beforeEach(async () => {
  localDir = await mkdtemp(join(tmpdir(), 'factorial-target-'));
});
afterEach(async () => rm(localDir, { recursive: true }));

const runEnv = {
  API_URL: 'http://127.0.0.1:1234',
  INTERNAL_URL: 'http://127.0.0.1:1',
  OPS_URL: 'http://127.0.0.1:2',
  TOKEN: 'token-of-make-run',
  ADMIN_TOKEN: 'a',
  AMQP_URL: 'amqp://127.0.0.1',
  WORKER_TOKEN_FILE: '/w',
};

it('takes the system of make run when nothing is set', async () => {
  await writeRunEnv(localDir, runEnv);
  expect(await chooseTarget({}, localDir)).toEqual({
    baseUrl: 'http://127.0.0.1:1234',
    token: 'token-of-make-run',
  });
});

it('takes what is named when both are', async () => {
  const env = { BASE_URL: 'http://localhost:30080', TOKEN: 'mine' };
  expect(await chooseTarget(env, localDir)).toEqual({ baseUrl: 'http://localhost:30080', token: 'mine' });
});

it('takes the address that the notes of the chart export when BASE_URL is not set', async () => {
  await writeRunEnv(localDir, runEnv);
  const env = { API_URL: 'http://localhost:8080', TOKEN: 'mine' };
  expect(await chooseTarget(env, localDir)).toEqual({ baseUrl: 'http://localhost:8080', token: 'mine' });
  expect(await chooseTarget({ ...env, BASE_URL: 'http://localhost:1' }, localDir)).toMatchObject({
    baseUrl: 'http://localhost:1',
  });
});

it("takes make run's own token when another one is exported and no address is", async () => {
  await writeRunEnv(localDir, runEnv);
  expect(await chooseTarget({ TOKEN: "a worker's" }, localDir)).toEqual({
    baseUrl: 'http://127.0.0.1:1234',
    token: 'token-of-make-run',
  });
});

it('says so when make run is not up', async () => {
  await expect(chooseTarget({}, localDir)).rejects.toThrow('make run is not up');
});

it('does not send the token of one system to another when only BASE_URL is set', async () => {
  await writeRunEnv(localDir, runEnv);
  await expect(chooseTarget({ BASE_URL: 'http://localhost:1' }, localDir)).rejects.toThrow('set TOKEN');
});

it('refuses another machine when it is not allowed', async () => {
  const env = { BASE_URL: 'https://example.org', TOKEN: 'mine' };
  await expect(chooseTarget(env, localDir)).rejects.toThrow('ALLOW_REMOTE=true');
  expect(await chooseTarget({ ...env, ALLOW_REMOTE: 'true' }, localDir)).toMatchObject({
    baseUrl: 'https://example.org',
  });
});
