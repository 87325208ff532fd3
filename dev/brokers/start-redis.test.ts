import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startedAt } from '../programs/process-identity.ts';
import type { Broker } from './broker.ts';
import { ensureBrokers } from './ensure-brokers.ts';
import { exchange } from './exchange.ts';
import { startRedis } from './start-redis.ts';

let dataDir: string;
let redis: Broker | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'factorial-redis-'));
});

afterEach(async () => {
  await redis?.kill();
  await rm(dataDir, { recursive: true });
});

const start = async (): Promise<Broker> => {
  const { redis: source } = await ensureBrokers(process.env);
  redis = await startRedis({ source, dataDir, appendfsync: 'always' });
  return redis;
};

/** @returns what it answers to the command, after the answer to AUTH. */
const ask = async (url: string, command: string): Promise<string> => {
  const { password, port } = new URL(url);
  const answer = await exchange(
    Number(port),
    `AUTH ${password}\r\n${command}\r\n`,
    (text) => text.split('\r\n').length > 2,
  );
  return answer.slice('+OK\r\n'.length).trim();
};

it('has kept every write, at the same URL, when it is started again after a kill', async () => {
  const first = await start();
  expect(await ask(first.url, 'SET job 1')).toBe('+OK');
  await first.kill();
  expect(startedAt(first.pid)).toBeUndefined();
  const second = await start();
  expect(second.url).toBe(first.url);
  expect(await ask(second.url, 'GET job')).toContain('1');
});

it('asks for the password', async () => {
  const { url } = await start();
  const answer = await exchange(Number(new URL(url).port), 'PING\r\n', (text) => text.includes('\n'));
  expect(answer).toContain('NOAUTH');
});

it('leaves no process behind when its start is broken off', async () => {
  const { redis: source } = await ensureBrokers(process.env);
  const pids: number[] = [];
  const starting = startRedis({
    source,
    dataDir,
    signal: AbortSignal.abort(),
    onStart: (pid) => pids.push(pid),
  });
  await expect(starting).rejects.toThrow('Redis was stopped while it started');
  expect(pids.map(startedAt)).toEqual([undefined]);
});
