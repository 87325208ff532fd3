/** A crowd that follows jobs on one api while they run: what it is told, how soon, and what it costs. */
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { type Crowd, gatherCrowd, submitHeldJobs } from '../../test/client/follow-many.ts';
import type { Follower } from '../../test/client/follow-jobs.ts';
import { faultsOf, latenciesOf } from '../../test/client/told-events.ts';
import { percentile } from '../percentile.ts';
import { cpuMicrosOf, residentMiBOf } from '../process-usage.ts';

export interface StreamsOptions extends Crowd {
  jobs: number;
  /** Jobs that run at a time. */
  slots: number;
  steps: number;
  stepMs: number;
  /** For memory to come to rest; 0 where nobody looks at it. */
  restMs: number;
}

export interface Latency {
  events: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface StreamsResult extends StreamsOptions {
  /** Lines that say which follower was told anything but every event once, in order. */
  faults: string[];
  /** Why connections broke, and how many of them. */
  breaks: Record<string, number>;
  sseLatency: Latency;
  webSocketLatency: Latency;
  /** The api's memory: before anybody came, with the SSE clients, with all, and when all was over. */
  restMiB: number;
  sseMiB: number;
  allMiB: number;
  endMiB: number;
  /** While the jobs ran. */
  seconds: number;
  /** Of one core. */
  apiCpuShare: number;
}

const latencyOf = (followers: readonly Follower[], sinceMs: number): Latency => {
  const all = latenciesOf(
    followers.map(({ told }) => told),
    sinceMs,
  );
  const at = (share: number): number => percentile(all, share);
  return { events: all.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
};

const countOf = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, same]) => [word, same.length]));

/** Of the api itself, when it has rested. */
const memoryOf = async ({ api }: System, restMs: number): Promise<number> => {
  await delay(restMs);
  return (await residentMiBOf(api.pid()))[0] ?? Number.NaN;
};

const measure = async (system: System, options: StreamsOptions): Promise<StreamsResult> => {
  const { jobs, steps, stepMs, restMs } = options;
  const { ids, start } = await submitHeldJobs(system, jobs, { steps, stepMs });
  const crowd = gatherCrowd({ token: system.token, urls: [system.apiUrl] }, ids, options);
  try {
    const restMiB = await memoryOf(system, restMs);
    const sse = crowd.join.sse();
    await crowd.areThere(sse);
    const sseMiB = await memoryOf(system, restMs);
    const webSockets = crowd.join.webSockets();
    await crowd.areThere(webSockets);
    const allMiB = await memoryOf(system, restMs);
    const [beganMs, cpuBefore] = [Date.now(), await cpuMicrosOf(system.api.pid())];
    await start();
    const all = [...sse, ...webSockets];
    await Promise.all(all.map(async ({ done }) => done));
    const seconds = (Date.now() - beganMs) / 1_000;
    const cpuMicros = (await cpuMicrosOf(system.api.pid())) - cpuBefore;
    return {
      ...options,
      faults: await faultsOf(
        system.redisUrl,
        all.map(({ told }) => told),
      ),
      breaks: countOf(all.flatMap(({ breaks }) => breaks)),
      sseLatency: latencyOf(sse, beganMs),
      webSocketLatency: latencyOf(webSockets, beganMs),
      restMiB,
      sseMiB,
      allMiB,
      endMiB: await memoryOf(system, restMs),
      seconds,
      apiCpuShare: cpuMicros / 1_000_000 / seconds,
    };
  } finally {
    await crowd.leave();
  }
};

/** As the chart runs it: half of 256 MiB for the heap. The crowd has one token. */
const apiEnv = { NODE_OPTIONS: '--max-old-space-size=128', MAX_STREAMS_PER_OWNER: '1500' };
const stepsTask = join(import.meta.dirname, '../../test/integration/steps-task');

export const measureStreams = async (options: StreamsOptions): Promise<StreamsResult> => {
  const system = await startSystem({
    workers: 1,
    appendfsync: 'everysec',
    apiEnv,
    workerEnv: { TASKS: stepsTask, SLOTS: String(options.slots) },
  });
  try {
    return await measure(system, options);
  } finally {
    await system.stop();
  }
};
