/** Figures that are read when Prometheus asks. One that cannot be read is absent, not zero. */
import type { Metrics } from '@factorial/core/ops/metrics';
import { type StreamKind, streamKinds } from './push/open-streams.ts';

export interface GaugeSources {
  dueJobs: () => Promise<number>;
  pools: () => Promise<string[]>;
  waiting: (pool: string) => Promise<number>;
  paused: (pool: string) => Promise<boolean>;
  /** Those that can be listed, and those in the broker. */
  deadLetters: (pool: string) => Promise<number>;
  longPolls: () => number;
  openStreams: (kind: StreamKind) => number;
  brokerReady: () => boolean;
  clusterKeysAgeMs: () => number | undefined;
}

const registerSingle = (
  metrics: Metrics,
  { name, help }: { name: string; help: string },
  read: () => Promise<number> | number,
): void => {
  metrics.gauge({
    name,
    help,
    async collect() {
      try {
        this.set(await read());
      } catch {
        this.remove();
      }
    },
  });
};

const registerPerPool = (
  metrics: Metrics,
  { name, help, pools }: { name: string; help: string } & Pick<GaugeSources, 'pools'>,
  read: (pool: string) => Promise<number>,
): void => {
  metrics.gauge({
    name,
    help,
    labelNames: ['pool'],
    async collect() {
      this.reset();
      try {
        const names = await pools();
        const counts = await Promise.all(names.map(read));
        names.forEach((pool, index) => this.set({ pool }, counts[index] ?? 0));
      } catch {
        this.reset();
      }
    },
  });
};

const registerStreams = (metrics: Metrics, { openStreams }: Pick<GaugeSources, 'openStreams'>): void => {
  metrics.gauge({
    name: 'api_open_streams',
    help: 'Event streams and WebSockets that are open, by kind.',
    labelNames: ['kind'],
    collect() {
      for (const kind of streamKinds) this.set({ kind }, openStreams(kind));
    },
  });
};

/** @throws Error where there is no figure. */
const secondsOf = (ms: number | undefined): number => {
  if (ms === undefined) throw new Error('no figure');
  return ms / 1_000;
};

export const registerGauges = (metrics: Metrics, sources: GaugeSources): void => {
  registerSingle(metrics, { name: 'jobs_due', help: 'Unfinished jobs in the store.' }, sources.dueJobs);
  registerSingle(metrics, { name: 'api_long_polls', help: 'Jobs that clients wait for.' }, sources.longPolls);
  registerStreams(metrics, sources);
  registerSingle(metrics, { name: 'api_broker_ready', help: '1 while the broker takes messages.' }, () =>
    sources.brokerReady() ? 1 : 0,
  );
  registerSingle(
    metrics,
    {
      name: 'cluster_keys_age_seconds',
      help: "Since the cluster's keys were read; absent where there are none.",
    },
    () => secondsOf(sources.clusterKeysAgeMs()),
  );
  const { pools } = sources;
  registerPerPool(
    metrics,
    { name: 'jobs_waiting', help: 'Jobs that wait in a pool.', pools },
    sources.waiting,
  );
  registerPerPool(
    metrics,
    { name: 'pool_paused', help: '1 while a pool starts no job.', pools },
    async (pool) => ((await sources.paused(pool)) ? 1 : 0),
  );
  registerPerPool(
    metrics,
    { name: 'dead_letters', help: 'Messages of a pool that nobody could work on.', pools },
    sources.deadLetters,
  );
};
