/** A target, an api and a queue in memory that agree with each other: what the loop does can be seen in them. */
import type { ControlLoop, ControlLoopDeps, TickReport } from '../control-loop.ts';
import type { InternalApi } from '../internal-api.ts';
import { createAlwaysLeading } from '../leader/always-leading.ts';
import { unknown } from '../readings/reading.ts';
import type { ScaleTarget } from '../targets/scale-target.ts';
import { makeReadings, makeSettings, makeWorker, startMs } from './make-readings.ts';

export interface SmallWorld {
  deps: ControlLoopDeps;
  reports: TickReport[];
  failures: Error[];
  /** What the test may change between two ticks. */
  set: {
    ready: number;
    busy: Set<string>;
    broken: Set<'queue' | 'pool' | 'target' | 'drain' | 'mark' | 'scale'>;
    now: number;
    /** Somebody asks to keep hands off. */
    paused: boolean;
    /** An operator has paused the pool. */
    poolPaused: boolean;
    /** Workers that no machine has room for. */
    unschedulable: number;
    /** Workers do not hear that they shall drain. */
    deaf: boolean;
    /** What the target lets go in place of the victims. */
    removesInstead: string[] | undefined;
    /** Workers that are there and are not ready. */
    unready: Set<string>;
    /** How long the api takes to answer. */
    apiMs: number;
  };
  running: Set<string>;
  /** Those that take no further job. */
  draining: Set<string>;
  asked: string[];
}

const world = (workers: number) => ({
  ready: 0,
  busy: new Set<string>(),
  broken: new Set<'queue' | 'pool' | 'target' | 'drain' | 'mark' | 'scale'>(),
  now: startMs,
  paused: false,
  poolPaused: false,
  unschedulable: 0,
  deaf: false,
  removesInstead: undefined as string[] | undefined,
  unready: new Set<string>(),
  apiMs: 0,
  limits: [] as { at: number; limit: AbortController }[],
  running: new Set(Array.from({ length: workers }, (_, index) => `w${index}`)),
  draining: new Set<string>(),
  asked: [] as string[],
});

type World = ReturnType<typeof world>;

/** Time goes on, and what it ends is ended. */
const pass = (it: World, ms: number): void => {
  it.now += ms;
  for (const { at, limit } of it.limits) if (it.now >= at) limit.abort();
};

const timeLimit =
  (it: World) =>
  (ms: number): AbortSignal => {
    const limit = new AbortController();
    it.limits.push({ at: it.now + ms, limit });
    return limit.signal;
  };

/** As on Kubernetes: one that is not ready is known to the api and no worker of the target. */
const picture = (it: World) => {
  const workers = [...it.running].map((id) =>
    makeWorker(id, { busy: it.busy.has(id) ? 1 : 0, state: it.draining.has(id) ? 'draining' : 'active' }),
  );
  const target = {
    paused: it.paused,
    unschedulable: it.unschedulable,
    starting: it.unready.size,
    workers: [...it.running].filter((id) => !it.unready.has(id)).map((id) => ({ id })),
  };
  return makeReadings({ ready: it.ready, paused: it.poolPaused, workers, target }, it.now);
};

const createApi = (it: World): InternalApi => ({
  readPool: async () => {
    pass(it, it.apiMs);
    return it.broken.has('pool') ? unknown('answered 500') : picture(it).pool;
  },
  drain: async ({ workers, ttlSeconds }) => {
    if (it.broken.has('drain')) return unknown('answered 503');
    for (const id of it.deaf ? [] : workers) {
      if (ttlSeconds > 1) it.draining.add(id);
      else it.draining.delete(id);
    }
    return { ok: true, value: workers, at: it.now };
  },
});

const createTarget = (it: World): ScaleTarget => ({
  read: async () => (it.broken.has('target') ? unknown('gone') : picture(it).target),
  markVictims: async ({ victims, busy }) => {
    it.asked.push(`mark ${victims.join()} spare ${busy.map(({ id }) => id).join()}`);
    return it.broken.has('mark') ? { ok: false, reason: 'answered 403' } : { ok: true };
  },
  scaleTo: async ({ from, to, victims }) => {
    it.asked.push(`scale ${from} ${to} ${victims.join()}`);
    if (it.broken.has('scale')) return { ok: false, reason: 'conflict' };
    const removed = it.removesInstead ?? victims;
    for (const id of removed) it.running.delete(id);
    for (let serial = 0; it.running.size < to; serial += 1) it.running.add(`new${serial}`);
    return { ok: true, removed, stayed: victims.filter((id) => !removed.includes(id)) };
  },
});

export const createSmallWorld = (workers: number, over: Partial<ControlLoopDeps> = {}): SmallWorld => {
  const it = world(workers);
  const reports: TickReport[] = [];
  const failures: Error[] = [];
  const deps: ControlLoopDeps = {
    readQueue: async () => (it.broken.has('queue') ? unknown('answered 500') : picture(it).queue),
    api: createApi(it),
    target: createTarget(it),
    settings: makeSettings(),
    tickMs: 2_000,
    dryRun: false,
    leadership: createAlwaysLeading(),
    timeLimit: timeLimit(it),
    sleep: async (ms, signal) => {
      pass(it, ms);
      return !signal.aborted;
    },
    tell: (report) => void reports.push(report),
    tickFailed: (error) => void failures.push(error),
    now: () => it.now,
    random: () => 0.5,
    ...over,
  };
  return { deps, reports, failures, set: it, running: it.running, draining: it.draining, asked: it.asked };
};

/** Ticks for so long on the world's own clock. */
export const runFor = async (loop: ControlLoop, { set }: SmallWorld, seconds: number): Promise<void> => {
  const end = set.now + seconds * 1_000;
  while (set.now < end) {
    await loop.runOnce();
    set.now += 2_000;
  }
};
