/** Puts a worker's parts together: everything between the queue and the api. */
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import type { Metrics } from '@factorial/core/ops/metrics';
import { createJobConsumer } from '@factorial/core/queue/job-consumer';
import { createAnnouncer } from './announcer.ts';
import type { WorkerConfig } from './config.ts';
import { createSlots, createSlotsService } from './create-slots.ts';
import { createConsumerWatch } from './consumer-watch.ts';
import { createFlow } from './flow.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createInternalClient } from './internal-client.ts';
import { createInternalHttp } from './internal-http.ts';
import { createJobRunner } from './job-runner.ts';
import { createRunReporter } from './run-reporter.ts';
import { createServiceTime } from './service-time.ts';
import type { Task } from './tasks/load-tasks.ts';
import { createTokenFile } from './token-file.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

export interface WorkerDeps {
  config: WorkerConfig;
  env: NodeJS.ProcessEnv;
  workerId: string;
  tasks: ReadonlyMap<string, Task>;
  logger: Logger;
  metrics: Metrics;
  /** Told when nothing but a new process can help; has to end this one. */
  onBroken: (error: Error) => void;
}

export interface WorkerParts {
  /** In the order of their start. */
  services: readonly Service[];
  /** What has to be well for jobs to be taken. */
  checks: Readonly<Record<string, () => boolean>>;
  /** False when only a restart may help. */
  live: () => boolean;
}

const gzipped = promisify<Buffer, { level: number }, Buffer>(gzip);

const nowMs = (): number => performance.now();
const random = (): number => Math.random();

export const createWorker = (deps: WorkerDeps): WorkerParts => {
  const { config, workerId, tasks, logger } = deps;
  const startedAt = Date.now();
  const claims = new AbortController();
  const reports = new AbortController();
  const http = createInternalHttp(config.INTERNAL_URL, createTokenFile(config.INTERNAL_TOKEN_FILE, nowMs));
  const client = createInternalClient({
    http,
    workerId,
    pool: config.POOL,
    signals: { claims: claims.signal, reports: reports.signal },
    random,
    gzip: async (body) => gzipped(body, { level: constants.Z_BEST_SPEED }),
    logger,
  });
  const metrics = createWorkerMetrics(deps.metrics, () => slots.filter((slot) => slot.headMs() > 0).length);
  const serviceTime = createServiceTime();
  const maxOutputBytes = config.OUTPUT_LIMIT_BYTES;
  const slots = createSlots({
    count: config.SLOTS,
    tasks,
    maxOutputBytes,
    env: deps.env,
    metrics,
    logger,
    onRunTime: serviceTime.observe,
    onBroken: deps.onBroken,
    nowMs,
    random,
  });
  const reporter = createRunReporter({ client, logger });
  const consumer = createJobConsumer({
    url: config.AMQP_URL,
    pool: config.POOL,
    prefetch: config.SLOTS,
    onDelivery: (delivery) => jobRunner.onDelivery(delivery),
    logger,
  });
  const jobRunner = createJobRunner({
    tasks,
    client,
    reporter,
    maxOutputBytes,
    logger,
    consumer,
    slots,
    flow: createFlow({ slots, serviceTime, nowMs }),
    metrics,
    nowMs,
    giveUpClaims: () => claims.abort(),
    giveUpReports: () => reports.abort(),
  });
  const announcer = createAnnouncer({ client, tasks: [...tasks.values()], logger, random });
  const checks = {
    // One that was asked to drain, or whose pool is paused, is well: unready it would be no worker to the scaler that has to let it go, or work again.
    consuming: () => !jobRunner.isOpen() || consumer.consuming(),
    announced: announcer.isDone,
    runners: () => slots.every((slot) => slot.isReady()),
  };
  let coldStartMs = 0;
  const isReady = (): boolean => Object.values(checks).every((check) => check());
  const state = () => {
    if (coldStartMs === 0 && isReady()) coldStartMs = performance.now();
    // Only once nothing is left that a claim may be under way for: from then on no job begins here.
    if (jobRunner.isDraining() && jobRunner.load().held === 0) return 'draining';
    return coldStartMs > 0 ? 'active' : 'starting';
  };
  const heartbeat = createHeartbeat({
    client,
    state: () => {
      const { held, jobs } = jobRunner.load();
      return { pool: config.POOL, slots: slots.length, state: state(), startedAt, coldStartMs, held, jobs };
    },
    onAnswer: jobRunner.onHeartbeat,
    onSilence: jobRunner.onSilence,
    logger,
  });
  const connections: Service = {
    name: 'internal-client',
    start: async () => Promise.resolve(),
    stop: async () => {
      claims.abort();
      reports.abort();
      reporter.close();
      await http.close();
    },
  };
  return {
    services: [connections, heartbeat, createSlotsService(slots), announcer, consumer, jobRunner],
    checks,
    live: createConsumerWatch({ consumer, isWanted: jobRunner.isOpen, nowMs }),
  };
};
