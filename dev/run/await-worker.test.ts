import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { awaitWorker } from './await-worker.ts';

let dir: string;
let api: Server;
let workers: unknown[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factorial-await-'));
  workers = [];
  api = createServer((_request, response) => {
    const report = { pool: 'p', waiting: 0, processing: 0, oldestWaitMs: 0, announced: true, workers };
    response.setHeader('connection', 'close').end(JSON.stringify(report));
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
});
afterEach(async () => {
  api.close();
  await rm(dir, { recursive: true });
});

const line = (level: number, msg: string, message?: string): string =>
  `${JSON.stringify({ level, msg, ...(message === undefined ? {} : { err: { message } }) })}\n`;

const started = line(30, 'ops server listens');
const failed = line(60, 'start failed', 'setup failed: Cannot find module handler.ts');

const waiting = async (timeoutMs: number, log?: string): Promise<void> => {
  const address = api.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const logFile = join(dir, 'worker-1.log');
  if (log !== undefined) await writeFile(logFile, log);
  const internalUrl = `http://127.0.0.1:${address.port}`;
  const { signal } = new AbortController();
  return awaitWorker({ internalUrl, token: 't', pool: 'p', logFile, timeoutMs, signal });
};

it('returns when a worker takes jobs, after a first failure too', async () => {
  workers = [{ id: 'w', slots: 1, busy: 0, state: 'active', ageMs: 1, coldStartMs: 1, runningMs: 0 }];
  await expect(waiting(30_000, failed)).resolves.toBeUndefined();
});

it('says why and where it is written when the worker fails twice in the same way', async () => {
  const log = `${started}${failed}${started}${failed}`;
  await expect(waiting(30_000, log)).rejects.toThrow(
    `the worker has failed twice: start failed: setup failed: Cannot find module handler.ts\nIts log: ${dir}/worker-1.log`,
  );
});

it('goes on waiting when the worker fails in two ways, and tells the last when the time is over', async () => {
  const log = `${line(60, 'start failed', 'another reason')}${failed}${started}`;
  await expect(waiting(200, log)).rejects.toThrow('no worker in 0.2 s: start failed: setup failed');
});

it('tells the last line when there is no error among them', async () => {
  await expect(waiting(200, `${started}out of memory\n`)).rejects.toThrow(
    'no worker in 0.2 s: out of memory',
  );
});

it('says that nothing was told when there is no log', async () => {
  await expect(waiting(200)).rejects.toThrow('no worker in 0.2 s: it has told nothing');
});
