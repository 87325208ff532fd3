/** A worker on a real queue, with an api that is made up: what the tests of the whole worker share. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@factorial/core/config/load-config';
import { startServices, stopServices } from '@factorial/core/lifecycle/run-services';
import { createMetrics } from '@factorial/core/ops/metrics';
import type { Outcome } from '@factorial/core/internal/protocol';
import type { TestRabbit } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { pino } from 'pino';
import { configSchema } from '../config.ts';
import { createWorker, type WorkerParts } from '../create-worker.ts';
import { loadTasks } from '../tasks/load-tasks.ts';
import { type FakeApi, startFakeApi } from './fake-api.ts';

export interface TestWorker {
  api: FakeApi;
  pool: string;
  start: (env?: Record<string, string>) => Promise<void>;
  /** @param graceMs 0: at once. @throws when a part does not stop well. */
  stop: (graceMs?: number) => Promise<void>;
  checks: () => WorkerParts['checks'];
  /** False when only a restart may help. */
  live: () => boolean | undefined;
  metricsText: () => Promise<string>;
  writeToken: (token: string) => Promise<void>;
  /** Publishes hints for these jobs. */
  send: (...ids: string[]) => Promise<void>;
  /** Messages in the queue that nobody holds. */
  ready: () => Promise<number | undefined>;
  outcome: (id: string) => Promise<Outcome>;
  /** Adds and publishes a job that goes on until it is stopped. @returns its runner's process id, once it runs. */
  startLongJob: (id: string, how?: 'spin' | 'hang') => Promise<number>;
  /** Stops the worker and removes what belongs to it. */
  close: () => Promise<void>;
}

const folders = ['fixture-task', '../tasks/factorial'].map((path) => join(import.meta.dirname, path));

export const createTestWorker = async (rabbit: TestRabbit): Promise<TestWorker> => {
  const pool = `p-${randomUUID().slice(0, 8)}`;
  const queue = `${pool}_process`;
  const folder = await mkdtemp(join(tmpdir(), 'worker-'));
  const api = await startFakeApi();
  const metrics = createMetrics('worker');
  let worker: WorkerParts | undefined;

  const writeToken = async (token: string): Promise<void> => writeFile(join(folder, 'token'), `${token}\n`);
  await writeToken('worker-token');

  const create = async (env: Record<string, string>): Promise<WorkerParts> => {
    const config = loadConfig(configSchema, {
      AMQP_URL: rabbit.amqpUrl,
      INTERNAL_URL: api.url,
      INTERNAL_TOKEN_FILE: join(folder, 'token'),
      POOL: pool,
      ...env,
    });
    return createWorker({
      config,
      env: process.env,
      workerId: 'w1',
      tasks: await loadTasks({ folders, pool, env: {} }),
      logger: pino({ level: 'silent' }),
      metrics,
      onBroken: (error) => {
        throw error;
      },
    });
  };

  const stop = async (graceMs = 0): Promise<void> => {
    const deadline = graceMs > 0 ? AbortSignal.timeout(graceMs) : AbortSignal.abort();
    const error = await stopServices(worker?.services ?? [], deadline);
    if (error) throw error;
  };

  const send = async (...ids: string[]): Promise<void> =>
    rabbit.sendAll(
      queue,
      ids.map((id) => JSON.stringify({ request_id: id, input: 1 })),
    );

  return {
    api,
    pool,
    writeToken,
    send,
    stop,
    start: async (env = {}) => {
      worker = await create(env);
      await startServices(worker.services);
    },
    checks: () => worker?.checks ?? {},
    live: () => worker?.live(),
    metricsText: async () => (await metrics.expose()).body,
    ready: async () => (await rabbit.queueCounts(queue))?.ready,
    outcome: async (id) =>
      waitUntil(() => api.outcomeOf(id), { what: `an outcome of ${id}`, timeoutMs: 10_000 }),
    startLongJob: async (id, how = 'spin') => {
      const file = join(folder, id);
      api.add(id, { input: { do: how, file } });
      await send(id);
      const pid = async () => Number(await readFile(file, 'utf8')) || undefined;
      return waitUntil(pid, { what: 'the run is under way', timeoutMs: 10_000 });
    },
    close: async () => {
      await stop();
      await api.close();
      await rm(folder, { recursive: true });
    },
  };
};
