/** A target, an api and a queue in memory that agree with each other: what the loop does can be seen in them. */
import type { ControlLoopDeps, TickReport } from '../control-loop.ts';
import type { InternalApi } from '../internal-api.ts';
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
    /** Workers that no machine has room for. */
    unschedulable: number;
    /** Workers do not hear that they shall drain. */
    deaf: boolean;
    /** What the target lets go in place of the victims. */
    removesInstead: string[] | undefined;
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
  unschedulable: 0,
  deaf: false,
  removesInstead: undefined as string[] | undefined,
  running: new Set(Array.from({ length: workers }, (_, index) => `w${index}`)),
  draining: new Set<string>(),
  asked: [] as string[],
});

type World = ReturnType<typeof world>;

const picture = (it: World) => {
  const workers = [...it.running].map((id) =>
    makeWorker(id, { busy: it.busy.has(id) ? 1 : 0, state: it.draining.has(id) ? 'draining' : 'active' }),
  );
  const target = { paused: it.paused, unschedulable: it.unschedulable };
  return makeReadings({ ready: it.ready, workers, target }, it.now);
};

const createApi = (it: World): InternalApi => ({
  readPool: async () => (it.broken.has('pool') ? unknown('answered 500') : picture(it).pool),
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
    return { ok: true, removed };
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
    sleep: async (ms, signal) => {
      it.now += ms;
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
