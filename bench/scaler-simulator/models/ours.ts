/** The scaler itself: its decision and the way it is carried out, as they are, with models of what they read and act on. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import { act, type ActDeps } from '../../../services/scaler/src/act.ts';
import { decideReplicas } from '../../../services/scaler/src/decide-replicas.ts';
import type { ScalerSettings } from '../../../services/scaler/src/decision/scaler-settings.ts';
import { addStep } from '../../../services/scaler/src/decision/scale-steps.ts';
import { initialScalerState } from '../../../services/scaler/src/decision/scaler-state.ts';
import type { InternalApi } from '../../../services/scaler/src/internal-api.ts';
import type { ScaleTarget, TargetState } from '../../../services/scaler/src/targets/scale-target.ts';
import type { SimulatedWorker } from '../world/worker.ts';
import type { World } from '../world/world.ts';
import type { Autoscaler } from './autoscaler.ts';

type PoolWorker = PoolReport['workers'][number];

const beatMs = 1_000;
/** A busy processor, a slow answer: some beats come late, by up to this. */
const latestMs = 4_000;
const usualLateBeats = 0.05;
/** There and back. */
const callMs = 20;
/** A patched number until the pods that go can be seen to go. */
const settleMs = 300;

/** What the chart sets. The limits come from the scenario. */
const shipped = {
  slotsPerWorker: 1,
  targetWaitSeconds: 30,
  downWindowSeconds: 30,
  idleTimeoutSeconds: 300,
  assumedServiceSeconds: 5,
} as const;

/** Calls take their time, and the world goes on meanwhile. */
const pass = ({ clock }: World, ms: number): void => clock.advanceTo(clock.now() + ms);

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
      workers: [...beats.values()],
    };
  };

  /**
   * As the api does: only a worker whose last beat was idle and active is asked, so that one which says later that it drains has
   * heard this request and not an earlier one; what was asked is taken back from all.
   */
  const drain: InternalApi['drain'] = async ({ workers: asked, ttlSeconds }) => {
    pass(world, callMs);
    const isIdle = (id: string): boolean => beats.get(id)?.busy === 0 && beats.get(id)?.state === 'active';
    const told = ttlSeconds === 0 ? asked : asked.filter(isIdle);
    for (const id of told) drainUntilMs.set(id, clock.now() + ttlSeconds * 1_000);
    return { ok: true, value: told, at: clock.now() };
  };

  return {
    readPool: async () => {
      pass(world, callMs);
      return { ok: true, value: report(), at: clock.now() };
    },
    drain,
  };
};

const createTarget = (world: World): ScaleTarget => {
  const { clock, replicaSet } = world;

  const state = (): TargetState => {
    const pods = replicaSet.pods();
    const serving = pods.filter((pod) => pod.readyAtMs !== undefined).length;
    return {
      replicas: replicaSet.replicas(),
      starting: Math.max(0, replicaSet.replicas() - serving),
      unschedulable: pods.filter((pod) => pod.node === undefined).length,
      rollout: false,
      paused: false,
      workers: pods.flatMap(({ name, node, worker }) => (worker && node ? [{ id: name, node }] : [])),
    };
  };

  return {
    read: async () => {
      pass(world, callMs);
      return { ok: true, value: state(), at: clock.now() };
    },
    markVictims: async ({ victims, busy }) => {
      pass(world, callMs);
      const atWork = busy.map(({ id, runningSeconds }) => [id, 1 + runningSeconds] as const);
      replicaSet.setCosts(new Map([...atWork, ...victims.map((id) => [id, -1_000] as const)]));
      return { ok: true };
    },
    scaleTo: async ({ from, to }) => {
      pass(world, callMs);
      if (replicaSet.replicas() !== from) return { ok: false, reason: 'conflict' };
      const before = replicaSet.pods();
      replicaSet.scaleTo(to);
      pass(world, settleMs);
      const stayed = replicaSet.pods();
      return { ok: true, removed: before.filter((pod) => !stayed.includes(pod)).map(({ name }) => name) };
    },
  };
};

const tickMs = 2_000;

/** The control loop's tick without its timer and its Lease: read, decide, act, remember. */
const createTick = (world: World, { settings, deps }: { settings: ScalerSettings; deps: ActDeps }) => {
  const { clock, queue } = world;
  const stop = new AbortController().signal;
  let state = initialScalerState;

  return async (): Promise<void> => {
    const counts = { ready: queue.ready(), unacknowledged: queue.unacknowledged() };
    const queueReading = { ok: true, value: counts, at: clock.now() } as const;
    const pool = await deps.api.readPool(stop);
    const target = await deps.target.read(stop);
    const readings = { queue: queueReading, pool, target };
    const decided = decideReplicas({ readings, state, settings, now: clock.now() });
    ({ state } = decided);
    if (decided.decision.kind === 'hold' || !pool.ok || !target.ok) return;
    const request = { decision: decided.decision, target: target.value, pool: pool.value, stop };
    const done = await act(deps, request);
    if (done.did !== 'scaled') return;
    const step = { at: clock.now(), change: done.to - done.from };
    state = { ...state, steps: addStep(state.steps, step) };
  };
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
    const sleep = async (ms: number): Promise<boolean> => {
      pass(world, ms);
      return true;
    };
    const deps: ActDeps = {
      api: createApi(world, lateBeats),
      target: createTarget(world),
      sleep,
      dryRun: false,
    };
    const tick = createTick(world, { settings: { ...shipped, minWorkers, maxWorkers, ...settings }, deps });
    while (!world.isOver()) {
      await tick();
      await sleep(tickMs * world.random.between(0.9, 1.1));
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
