/**
 * Decides how many workers a pool should have. Pure: readings, memory, settings and the time in; a decision and the next memory out.
 * Unknown is not zero: without the queue's counts or the target's state nothing is touched; without the api's report it may grow, never shrink.
 */
import { capped, nextCapacity, scheduled } from './decision/capacity-cap.ts';
import { clamp } from './decision/clamp.ts';
import type {
  Decision,
  Hold,
  HoldReason,
  Plan,
  Restriction,
  Scale,
  ScaleReason,
} from './decision/decision.ts';
import { nextNeedWindow, type NeedWindow } from './decision/need-window.ts';
import { neededSlots, type Need } from './decision/needed-slots.ts';
import { observe, type Known } from './decision/observe.ts';
import type { ScalerSettings } from './decision/scaler-settings.ts';
import type { ScalerState } from './decision/scaler-state.ts';
import { stepDown } from './decision/step-down.ts';
import { stepUp } from './decision/step-up.ts';
import type { Readings } from './readings/readings.ts';

export interface DecideInput {
  readings: Readings;
  state: ScalerState;
  settings: ScalerSettings;
  /** ms since the epoch. */
  now: number;
}

export interface Decided {
  decision: Decision;
  /** To be given to the next call. A step that was really taken is added to it with `addStep`. */
  state: ScalerState;
  /** Absent where it holds. */
  plan?: Plan;
}

/** Three cold starts, between what the operator set (30 s) and 300 s: a worker let go must not be missed before another could start. */
const longestWindowSeconds = 300;

const hold = (reason: HoldReason, detail: string): Hold => ({ kind: 'hold', reason, detail });

const knowable = ({ queue, pool, target }: Readings): Known | Hold => {
  if (!target.ok) return hold('target-unknown', target.reason);
  if (target.value.paused) return hold('paused', 'the target is marked as paused');
  if (!queue.ok) return hold('queue-unknown', queue.reason);
  return { queue: queue.value, pool: pool.ok ? pool.value : undefined, target: target.value };
};

/** Everything a step is decided from. */
interface Weighing extends DecideInput {
  known: Known;
  plan: Plan;
  need: Need;
  window: NeedWindow;
  windowMs: number;
  /** After the capacity cap. */
  wanted: number;
}

const upReason = ({ need, settings }: Weighing): ScaleReason =>
  need.slots <= settings.minWorkers * settings.slotsPerWorker ? 'minimum' : need.reason;

const restrictionOf = ({ need, plan, wanted, settings }: Weighing): Restriction | undefined => {
  if (plan.paused) return 'pool-paused';
  if (wanted < plan.needReplicas) return 'capacity';
  return need.slots > settings.maxWorkers * settings.slotsPerWorker ? 'maximum' : undefined;
};

const downReason = ({ plan, settings }: Weighing): ScaleReason => {
  if (plan.current > settings.maxWorkers) return 'maximum';
  return plan.paused ? 'pool-paused' : 'less-work';
};

const lingers = ({ settings, state, now }: Weighing): boolean =>
  state.idleSince !== undefined && now - state.idleSince < settings.idleTimeoutSeconds * 1_000;

const down = (weighing: Weighing): Scale =>
  stepDown({
    ...weighing,
    ...weighing.known,
    steps: weighing.state.steps,
    lingering: lingers(weighing),
    reason: downReason(weighing),
  });

/** Workers that no machine has room for go at once: nobody works there. */
const withoutRoom = ({ known, state, wanted, settings }: Weighing): Scale | undefined => {
  const { target } = known;
  if (!state.capacity.cap || target.unschedulable === 0 || target.rollout) return undefined;
  const replicas = Math.max(
    settings.minWorkers,
    scheduled(target),
    Math.min(wanted, state.capacity.cap.replicas),
  );
  return replicas < target.replicas
    ? { kind: 'scale', replicas, reason: 'capacity', restricted: 'capacity', victims: [] }
    : undefined;
};

const upOrStay = (weighing: Weighing): Scale =>
  stepUp({
    current: weighing.plan.current,
    wanted: weighing.wanted,
    reason: upReason(weighing),
    restricted: restrictionOf(weighing),
    steps: weighing.state.steps,
    now: weighing.now,
  });

const step = (weighing: Weighing): Scale =>
  withoutRoom(weighing) ?? (weighing.wanted < weighing.plan.current ? down(weighing) : upOrStay(weighing));

/** The memory's part that hangs on the number of workers needed. */
const withNeed = (input: DecideInput, known: Known, needed: { replicas: number; windowMs: number }) => {
  const { state, now } = input;
  const window = nextNeedWindow(state.window, { ...needed, now });
  const capacity = nextCapacity(state.capacity, { target: known.target, wanted: needed.replicas, now });
  return { window, state: { ...state, window, capacity } };
};

const weigh = (input: DecideInput, known: Known): Decided => {
  const { settings } = input;
  const { minWorkers, maxWorkers, slotsPerWorker } = settings;
  const { demand, state: observed } = observe({ ...input, known });
  const need = neededSlots(demand, settings.targetWaitSeconds);
  const needReplicas = clamp(Math.ceil(need.slots / slotsPerWorker), minWorkers, maxWorkers);
  const windowMs =
    clamp(3 * demand.coldStartSeconds, settings.downWindowSeconds, longestWindowSeconds) * 1_000;
  const { window, state } = withNeed({ ...input, state: observed }, known, {
    replicas: needReplicas,
    windowMs,
  });
  const asked = demand.paused ? Math.min(needReplicas, known.target.replicas) : needReplicas;
  const wanted = Math.max(minWorkers, capped(asked, state.capacity.cap, known.target));
  const plan: Plan = { ...demand, needSlots: need.slots, needReplicas, current: known.target.replicas };
  return { decision: step({ ...input, state, known, need, plan, window, windowMs, wanted }), state, plan };
};

/** A pool whose tasks nobody knows (the store is new, or was lost) has its jobs refused until one worker has come to tell. */
const settingsFor = (settings: ScalerSettings, { pool }: Known): ScalerSettings =>
  pool?.announced === false ? { ...settings, minWorkers: Math.max(1, settings.minWorkers) } : settings;

/** Such a pool at 0 would sleep for ever, and may not even have a queue that could be read: no job can be waiting in it. */
const isUnheardOf = ({ pool, target }: Readings): boolean =>
  pool.ok && !pool.value.announced && target.ok && target.value.replicas === 0 && !target.value.paused;

const wake = ({ settings, state }: DecideInput): Decided => ({
  decision: { kind: 'scale', replicas: Math.max(1, settings.minWorkers), reason: 'minimum' },
  state,
});

/** @returns a hold leaves the memory as it was. */
export const decideReplicas = (input: DecideInput): Decided => {
  if (isUnheardOf(input.readings)) return wake(input);
  const known = knowable(input.readings);
  if ('kind' in known) return { decision: known, state: input.state };
  return weigh({ ...input, settings: settingsFor(input.settings, known) }, known);
};
