/** The scaler itself: its loop and its target on Kubernetes, as they are, with models of what they read and act on. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import { createControlLoop } from '../../../services/scaler/src/control-loop.ts';
import type { ScalerSettings } from '../../../services/scaler/src/decision/scaler-settings.ts';
import type { InternalApi } from '../../../services/scaler/src/internal-api.ts';
import { createAlwaysLeading } from '../../../services/scaler/src/leader/always-leading.ts';
import { createKubernetesTarget } from '../../../services/scaler/src/targets/kubernetes/kubernetes-target.ts';
import type { SimulatedWorker } from '../world/worker.ts';
import type { World } from '../world/world.ts';
import type { Autoscaler } from './autoscaler.ts';
import { call } from './call.ts';
import { createDeploymentModel } from './deployment-model.ts';

type PoolWorker = PoolReport['workers'][number];

const beatMs = 1_000;
/** A busy processor, a slow answer: some beats come late, by up to this. */
const latestMs = 4_000;
const usualLateBeats = 0.05;

/** What the chart sets. The limits come from the scenario. */
const shipped = {
  slotsPerWorker: 1,
  targetWaitSeconds: 30,
  downWindowSeconds: 30,
  idleTimeoutSeconds: 300,
  assumedServiceSeconds: 5,
} as const;

const stateOf = (worker: SimulatedWorker): PoolWorker['state'] => {
  if (worker.isDraining()) return 'draining';
  return worker.isServing() ? 'active' : 'starting';
};

const beatOf = (worker: SimulatedWorker, nowMs: number): PoolWorker => ({
  id: worker.id,
  slots: 1,
  busy: worker.isBusy() ? 1 : 0,
  state: stateOf(worker),
  ageMs: nowMs - worker.startedAtMs,
  coldStartMs: worker.isServing() ? worker.coldStartMs : 0,
  runningMs: worker.runningMs(),
});

/** The api knows of a worker what its last beat said, and asks it to drain with the answer to the next one. */
const createApi = (world: World, lateBeats: number): InternalApi => {
  const { clock, random } = world;
  const beats = new Map<string, PoolWorker>();
  const workers = new Set<SimulatedWorker>();
  const drainUntilMs = new Map<string, number>();

  const beat = (worker: SimulatedWorker): void => {
    if (worker.isGone()) {
      beats.delete(worker.id);
      workers.delete(worker);
      return;
    }
    beats.set(worker.id, beatOf(worker, clock.now()));
    worker.drain((drainUntilMs.get(worker.id) ?? 0) > clock.now());
    const lateMs = random.next() < lateBeats ? random.between(0, latestMs) : 0;
    clock.at(clock.now() + beatMs + lateMs, () => beat(worker));
  };

  world.onWorker((worker) => {
    workers.add(worker);
    clock.at(clock.now() + random.between(0, beatMs), () => beat(worker));
  });

  const report = (): PoolReport => {
    const held = [...workers].flatMap((worker) => worker.held());
    const first = world.queue.first();
    const oldest = Math.min(
      clock.now(),
      ...[...held, ...(first ? [first] : [])].map((job) => job.arrivesAtMs),
    );
    const serviceMs = world.serviceMs();
    return {
      pool: 'simulated',
      waiting: world.queue.ready() + held.length,
      processing: [...beats.values()].reduce((sum, { busy }) => sum + busy, 0),
      oldestWaitMs: clock.now() - oldest,
      ...(serviceMs === undefined ? {} : { serviceMs }),
      announced: true,
      paused: false,
      workers: [...beats.values()],
    };
  };

  /**
   * As the api does: only a worker whose last beat was idle and active is asked, so that one which says later that it drains has
   * heard this request and not an earlier one; what was asked is taken back from all.
   */
  const drain: InternalApi['drain'] = async ({ workers: asked, ttlSeconds }) => {
    await call(clock);
    const isIdle = (id: string): boolean => beats.get(id)?.busy === 0 && beats.get(id)?.state === 'active';
    const told = ttlSeconds === 0 ? asked : asked.filter(isIdle);
    for (const id of told) drainUntilMs.set(id, clock.now() + ttlSeconds * 1_000);
    return { ok: true, value: told, at: clock.now() };
  };

  return {
    readPool: async () => {
      await call(clock);
      return { ok: true, value: report(), at: clock.now() };
    },
    drain,
  };
};

const tickMs = 2_000;

/** What is over when the world's own clock says so. */
const createTimeLimit =
  ({ clock }: World) =>
  (ms: number): AbortSignal => {
    const limit = new AbortController();
    clock.at(clock.now() + ms, () => limit.abort());
    return limit.signal;
  };

const createLoop = (
  world: World,
  { settings, lateBeats }: { settings: ScalerSettings; lateBeats: number },
) => {
  const { clock, queue, random } = world;
  const now = () => clock.now();
  const sleep = async (ms: number, signal: AbortSignal): Promise<boolean> => {
    clock.advanceTo(clock.now() + ms);
    return !signal.aborted;
  };
  return createControlLoop({
    readQueue: async () => {
      const counts = { ready: queue.ready(), unacknowledged: queue.unacknowledged() };
      return { ok: true, value: counts, at: now() };
    },
    api: createApi(world, lateBeats),
    target: createKubernetesTarget({ api: createDeploymentModel(world), sleep, now }),
    leadership: createAlwaysLeading(),
    settings,
    dryRun: false,
    tickMs,
    sleep,
    timeLimit: createTimeLimit(world),
    tell: () => undefined,
    tickFailed: (error) => {
      throw error;
    },
    now,
    random: () => random.next(),
  });
};

export interface OursOptions {
  name: string;
  about: string;
  /** In place of what the chart sets. */
  settings?: Partial<ScalerSettings>;
  /** Share of the heartbeats that are late. */
  lateBeats?: number;
}

export const createOurs = ({
  name,
  about,
  settings,
  lateBeats = usualLateBeats,
}: OursOptions): Autoscaler => ({
  name,
  about,
  graceSeconds: 30,
  run: async (world) => {
    const { minWorkers, maxWorkers } = world.scenario;
    const { clock, random } = world;
    const loop = createLoop(world, {
      settings: { ...shipped, minWorkers, maxWorkers, ...settings },
      lateBeats,
    });
    while (!world.isOver()) {
      await loop.runOnce();
      clock.advanceTo(clock.now() + tickMs * random.between(0.9, 1.1));
    }
  },
});

export const ours = createOurs({
  name: 'this scaler',
  about: 'as the chart sets it (target wait 30 s, window 30 s); grace 30 s, the default of Kubernetes',
});

export const oursEager = createOurs({
  name: 'this scaler, 10 s',
  about: 'as it is without the chart (target wait 10 s, window 15 s); grace 30 s',
  settings: { targetWaitSeconds: 10, downWindowSeconds: 15 },
});
