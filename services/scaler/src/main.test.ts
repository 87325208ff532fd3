import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHttpServer, type TestHttpServer } from './testing/http-server.ts';
import { makeReadings } from './testing/make-readings.ts';

const here = import.meta.dirname;
const node = [process.execPath, '--conditions=@factorial/source'] as const;
let folder: string;
let server: TestHttpServer;
let ready = 0;
const pids = new Set<number>();

/** RabbitMQ and the api in one. */
const answer: RequestListener = (request, response) => {
  const { pool } = makeReadings({ ready, workers: [] });
  const queue = { messages_ready: ready, messages_unacknowledged: 0 };
  response.end(JSON.stringify(request.url?.startsWith('/api/') ? queue : pool.ok && pool.value));
};

beforeEach(async () => {
  ready = 0;
  folder = await mkdtemp(path.join(tmpdir(), 'scaler-main-'));
  await writeFile(path.join(folder, 'token'), 'token');
  server = await startHttpServer(answer);
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

afterEach(async () => {
  for (const pid of [...pids].filter(isAlive)) process.kill(pid, 'SIGKILL');
  pids.clear();
  await server.close();
  await rm(folder, { recursive: true });
});

const run = (over: Record<string, string> = {}) => {
  const [program, ...args] = node;
  const child = spawn(program, [...args, path.join(here, 'main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      RABBITMQ_MANAGEMENT_URL: server.url.replace('//', '//ada:s3cret@'),
      INTERNAL_URL: server.url,
      INTERNAL_TOKEN_FILE: path.join(folder, 'token'),
      LOCAL_WORKER_COMMAND: JSON.stringify([process.execPath, path.join(here, 'testing/stand-in-worker.ts')]),
      MAX_WORKERS: '3',
      TICK_SECONDS: '1',
      OPS_HOST: '127.0.0.1',
      OPS_PORT: '0',
      ...over,
    },
  });
  if (child.pid) pids.add(child.pid);
  const lines: string[] = [];
  const workers = new Set<number>();
  const ended = once(child, 'close');
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      const pid = Number(/started \S+ (\d+)/.exec(line)?.[1] ?? 0);
      if (pid === 0) return;
      workers.add(pid);
      pids.add(pid);
    });
  }
  return { child, lines, workers, ended };
};

type Scaler = ReturnType<typeof run>;

const opsUrl = async ({ lines }: Scaler): Promise<string> =>
  waitUntil(
    () => {
      const line = lines.find((text) => text.includes('ops server listens'));
      return line && `http://127.0.0.1:${JSON.parse(line).port}`;
    },
    { what: 'the ops server listens', timeoutMs: 10_000 },
  );

describe('the scaler', () => {
  it('starts the minimum, follows a backlog up, tells why, and takes its workers with it', async () => {
    const scaler = run();
    const url = await opsUrl(scaler);
    await waitUntil(() => scaler.workers.size === 1, { what: 'one worker', timeoutMs: 10_000 });
    ready = 20;
    await waitUntil(() => scaler.workers.size === 3, { what: 'three workers', timeoutMs: 10_000 });
    const answered = await fetch(`${url}/readyz`);
    expect(answered.status).toBe(200);
    expect(await (await fetch(`${url}/status`)).text()).toContain('"needReplicas":3');
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('factorial_scaler_scale_total{');
    scaler.child.kill('SIGTERM');
    await scaler.ended;
    expect([...scaler.workers].filter(isAlive)).toEqual([]);
    expect(scaler.child.exitCode).toBe(0);
    expect(scaler.lines.join('\n')).not.toContain('s3cret');
  });

  it('is not ready, touches nothing and says why when RabbitMQ is away', async () => {
    const gone = await startHttpServer(answer);
    await gone.close();
    const scaler = run({ RABBITMQ_MANAGEMENT_URL: gone.url.replace('//', '//ada:s3cret@') });
    const url = await opsUrl(scaler);
    await waitUntil(() => scaler.lines.some((line) => line.includes('source is lost')), {
      what: 'the loss is told',
      timeoutMs: 10_000,
    });
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ failing: ['queue'] });
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({
      decision: { kind: 'hold', reason: 'queue-unknown', detail: 'unreachable (ECONNREFUSED)' },
    });
    expect(scaler.lines.join('\n')).not.toContain('s3cret');
  });

  it('leaves no worker behind when it is killed', async () => {
    const scaler = run({ MIN_WORKERS: '2' });
    await waitUntil(() => scaler.workers.size === 2, { what: 'two workers', timeoutMs: 10_000 });
    scaler.child.kill('SIGKILL');
    await waitUntil(() => ![...scaler.workers].some(isAlive), { what: 'the workers have ended' });
    await scaler.ended;
    expect(scaler.child.signalCode).toBe('SIGKILL');
  });

  it('names every mistake of its environment and exits with 1', async () => {
    const scaler = run({ TICK_SECONDS: 'often', POOL: 'No Slug', TARGET: 'kubernetes' });
    await scaler.ended;
    expect(scaler.child.exitCode).toBe(1);
    const said = scaler.lines.join('\n');
    for (const name of ['TICK_SECONDS', 'POOL', 'TARGET']) expect(said).toContain(`${name}: `);
  });
});
