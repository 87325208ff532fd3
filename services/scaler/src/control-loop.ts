/** The scaler's heart-beat: read, decide, act, tell; every few seconds, one tick at a time. */
import { toError } from '@factorial/core/errors/to-error';
import type { Service } from '@factorial/core/lifecycle/service';
import { act, type Act, type ActDeps } from './act.ts';
import { decideReplicas } from './decide-replicas.ts';
import type { Decision, Plan } from './decision/decision.ts';
import type { ScalerSettings } from './decision/scaler-settings.ts';
import { initialScalerState, type ScalerState } from './decision/scaler-state.ts';
import { addStep } from './decision/scale-steps.ts';
import type { Leadership } from './leader/leadership.ts';
import type { ReadQueue } from './readings/queue-reading.ts';
import type { Readings } from './readings/readings.ts';

/** Everything there is to tell of a tick. */
export interface TickReport {
  /** ms since the epoch. */
  at: number;
  readings: Readings;
  decision: Decision;
  plan: Plan | undefined;
  act: Act;
  /** How long the tick took. */
  tickMs: number;
  /** The loop was stopped, or its term ended, before the tick was over: what it could not read says nothing. */
  cutShort: boolean;
}

export interface ControlLoopDeps extends ActDeps {
  readQueue: ReadQueue;
  settings: ScalerSettings;
  leadership: Leadership;
  /** Mean time between two ticks; each waits a random time within 10 % of it, so that several scalers do not march in step. */
  tickMs: number;
  /** Told of every tick. */
  tell: (report: TickReport) => void;
  /** Told when somebody else decides from now on: what was told is no longer true. */
  termEnded?: () => void;
  /** Told of a fault of ours; the loop goes on. */
  tickFailed: (error: Error) => void;
  now: () => number;
  random: () => number;
}

export interface ControlLoop extends Service {
  /** One tick, as leader or not; nothing is touched by one that does not lead. */
  runOnce(): Promise<TickReport>;
  /** When the last tick ended, ms since the epoch; undefined before the first. */
  lastTickAt(): number | undefined;
}

const readAll = async ({ readQueue, api, target }: ControlLoopDeps, stop: AbortSignal): Promise<Readings> => {
  const [queue, pool, state] = await Promise.all([readQueue(stop), api.readPool(stop), target.read(stop)]);
  return { queue, pool, target: state };
};

const actOn = async (
  deps: ControlLoopDeps,
  decision: Decision,
  tick: { readings: Readings; stop: AbortSignal },
) => {
  const { target, pool: report } = tick.readings;
  if (decision.kind === 'hold' || !target.ok || tick.stop.aborted) return { did: 'nothing' } as const;
  const pool = report.ok ? report.value : undefined;
  return act(deps, { decision, target: target.value, pool, stop: tick.stop });
};

const withStep = (state: ScalerState, done: Act, now: number): ScalerState =>
  done.did === 'scaled'
    ? { ...state, steps: addStep(state.steps, { at: now, change: done.to - done.from }) }
    : state;

const runTick = async (deps: ControlLoopDeps, memory: ScalerState, stop: AbortSignal) => {
  const startedAt = deps.now();
  const readings = await readAll(deps, stop);
  const at = deps.now();
  const { decision, state, plan } = decideReplicas({
    readings,
    state: memory,
    settings: deps.settings,
    now: at,
  });
  const done = await actOn(deps, decision, { readings, stop });
  const report: TickReport = {
    at,
    readings,
    decision,
    plan,
    act: done,
    tickMs: deps.now() - startedAt,
    cutShort: stop.aborted,
  };
  return { report, state: withStep(state, done, deps.now()) };
};

export const createControlLoop = (deps: ControlLoopDeps): ControlLoop => {
  const stopping = new AbortController();
  const { leadership } = deps;
  let state = initialScalerState;
  let term: AbortSignal | undefined;
  let lastTickAt: number | undefined;
  let running: Promise<void> | undefined;

  /** A new term begins like a new process: it takes the workers that are there as they are, and watches one window before any goes. */
  const enterTerm = (): void => {
    const present = leadership.term();
    if (present === term) return;
    if (term) deps.termEnded?.();
    term = present;
    state = initialScalerState;
  };

  const runOnce = async (): Promise<TickReport> => {
    enterTerm();
    const stop = AbortSignal.any([stopping.signal, term ?? AbortSignal.abort()]);
    const tick = await runTick(deps, state, stop);
    state = tick.state;
    lastTickAt = deps.now();
    deps.tell(tick.report);
    return tick.report;
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      enterTerm();
      if (term) await runOnce().catch((thrown: unknown) => deps.tickFailed(toError(thrown)));
      await deps.sleep(deps.tickMs * (0.9 + 0.2 * deps.random()), stopping.signal);
    }
  };

  return {
    name: 'control-loop',
    runOnce,
    lastTickAt: () => lastTickAt,
    start: async () => {
      running ??= run();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
