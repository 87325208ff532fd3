/** Many jobs that take no time: what the way of a job costs, end to end. */
import { createKeys } from '@factorial/core/redis/keys';
import { Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { cpuMicrosOf } from '../process-usage.ts';

export interface SmallJobsOptions {
  appendfsync: 'everysec' | 'always';
  jobs: number;
  connections: number;
  workers: number;
}

export interface SmallJobsResult extends SmallJobsOptions {
  /** From the first submission to the last job's end. */
  jobsPerSecond: number;
  submitsPerSecond: number;
  submitP50Ms: number;
  submitP99Ms: number;
  /** By process, its children included. */
  cpuMicrosPerJob: Record<string, number>;
}

interface Target {
  pool: Pool;
  token: string;
  redis: Redis;
  connections: number;
}

/** Until the compilers of Node have settled: a service is mostly older than that. */
const warmUpJobs = 10_000;

const submit = async ({ pool, token }: Target): Promise<number> => {
  const began = performance.now();
  const { statusCode, body } = await pool.request({
    path: '/v1/jobs',
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{"task":"factorial","input":{"n":10}}',
  });
  const text = await body.text();
  if (statusCode !== 202) throw new Error(`${statusCode} ${text}`);
  return performance.now() - began;
};

/** @returns ms of each submission, and the times from the first one to the last answer and the last job's end. */
const runBatch = async (target: Target, jobs: number) => {
  const began = performance.now();
  const latencies: number[] = [];
  let left = jobs;
  await Promise.all(
    Array.from({ length: target.connections }, async () => {
      while (left > 0) {
        left -= 1;
        latencies.push(await submit(target));
      }
    }),
  );
  const submitMs = performance.now() - began;
  while ((await target.redis.zcard(createKeys('factorial').due)) > 0) await delay(10);
  return { latencies, submitMs, allMs: performance.now() - began };
};

const usage = async (system: System): Promise<Record<string, number>> => {
  const workers = await Promise.all(system.workers.map(async (worker) => cpuMicrosOf(worker.pid())));
  return {
    api: await cpuMicrosOf(system.api.pid()),
    workers: workers.reduce((sum, micros) => sum + micros, 0),
    rabbitmq: await cpuMicrosOf(system.rabbitmq.pid()),
    redis: await cpuMicrosOf(system.redis.pid()),
    load: process.cpuUsage().user + process.cpuUsage().system,
  };
};

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const measure = async (system: System, options: SmallJobsOptions): Promise<SmallJobsResult> => {
  const { jobs, connections } = options;
  const redis = new Redis(system.redisUrl);
  const pool = new Pool(system.apiUrl, { connections });
  const target: Target = { pool, token: system.token, redis, connections };
  try {
    await runBatch(target, warmUpJobs);
    const before = await usage(system);
    const { latencies, submitMs, allMs } = await runBatch(target, jobs);
    const after = await usage(system);
    const sorted = latencies.toSorted((one, other) => one - other);
    return {
      ...options,
      jobsPerSecond: (jobs / allMs) * 1_000,
      submitsPerSecond: (jobs / submitMs) * 1_000,
      submitP50Ms: percentile(sorted, 0.5),
      submitP99Ms: percentile(sorted, 0.99),
      cpuMicrosPerJob: Object.fromEntries(
        Object.entries(after).map(([name, micros]) => [name, (micros - (before[name] ?? 0)) / jobs]),
      ),
    };
  } finally {
    await pool.close();
    redis.disconnect();
  }
};

export const measureSmallJobs = async (options: SmallJobsOptions): Promise<SmallJobsResult> => {
  const { appendfsync, workers } = options;
  const system = await startSystem({ workers, appendfsync });
  try {
    return await measure(system, options);
  } finally {
    await system.stop();
  }
};
