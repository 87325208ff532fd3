import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHttpServer, type TestHttpServer } from './testing/http-server.ts';
import { makeReadings } from './testing/make-readings.ts';
import { isAlive, startScaler, type ScalerProcess } from './testing/scaler-process.ts';

const here = import.meta.dirname;
let folder: string;
let server: TestHttpServer;
let ready = 0;
const scalers: ScalerProcess[] = [];

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

afterEach(async () => {
  for (const scaler of scalers.splice(0)) scaler.clear();
  await server.close();
  await rm(folder, { recursive: true });
});

const run = (over: Record<string, string> = {}): ScalerProcess => {
  const worker = path.join(here, 'testing/stand-in-worker.ts');
  const scaler = startScaler({
    RABBITMQ_MANAGEMENT_URL: server.url.replace('//', '//ada:s3cret@'),
    INTERNAL_URL: server.url,
    INTERNAL_TOKEN_FILE: path.join(folder, 'token'),
    LOCAL_WORKER_COMMAND: JSON.stringify([process.execPath, worker]),
    MAX_WORKERS: '3',
    ...over,
  });
  scalers.push(scaler);
  return scaler;
};

describe('the scaler', () => {
  it('starts the minimum, follows a backlog up, tells why, and takes its workers with it', async () => {
    const scaler = run();
    const url = await scaler.url();
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
    const url = await scaler.url();
    await waitUntil(() => scaler.lines.some((line) => line.includes('source is lost')), {
      what: 'the loss is told',
      timeoutMs: 10_000,
    });
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ failing: ['queue'] });
    const decision = { kind: 'hold', reason: 'queue-unknown', detail: 'unreachable (ECONNREFUSED)' };
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({
      leader: true,
      pools: { factorial: { decision } },
    });
    expect(scaler.lines.join('\n')).not.toContain('s3cret');
  });

  it('scales each of its pools', async () => {
    const POOLS = JSON.stringify([{ name: 'one' }, { name: 'two', minWorkers: 2 }]);
    const scaler = run({ POOLS });
    const url = await scaler.url();
    await waitUntil(() => scaler.workers.size === 3, { what: 'three workers', timeoutMs: 10_000 });
    await waitUntil(
      async () => (await (await fetch(`${url}/status`)).text()).includes('"queue":{"ok":true'),
      {
        what: 'the first tick',
        timeoutMs: 10_000,
      },
    );
    const pools = { one: { settings: { minWorkers: 1 } }, two: { settings: { minWorkers: 2 } } };
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({ leader: true, pools });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'factorial_scaler_leader{service="scaler"} 1',
    );
    const asked = server.asked.map((text) => text.split('?')[0]).join(' ');
    for (const name of ['one', 'two']) expect(asked).toContain(`/internal/v1/pools/${name}`);
    scaler.child.kill('SIGTERM');
    await scaler.ended;
    expect([...scaler.workers].filter(isAlive)).toEqual([]);
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
    const scaler = run({ TICK_SECONDS: 'often', POOLS: '[{"name":"No Slug"}]', TARGET: 'kubernetes' });
    await scaler.ended;
    expect(scaler.child.exitCode).toBe(1);
    const said = scaler.lines.join('\n');
    for (const name of ['TICK_SECONDS', 'POOLS', 'NAMESPACE', 'LEASE_NAME', 'POD_NAME'])
      expect(said).toContain(`${name}: `);
  });
});
