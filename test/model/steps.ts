/** Collects what can happen next in a world: each step is a label and the world after it. */
import { runScript } from './scripts.ts';
import type { Answer, Call } from './record.ts';
import type { Rules } from './rules.ts';
import { type Bounds, cloneWorld, type FaultName, type World } from './world.ts';

export interface Performed {
  call: Call;
  answer: Answer;
}

/** What passes by itself. The replay on a real Redis writes it into the record. */
export interface Passed {
  what: 'lease' | 'silence' | 'look' | 'delay' | 'queue limit' | 'run limit' | 'retention';
  job: number;
}

export interface Step {
  label: string;
  state: World;
  /** Does not happen by itself: a fault, somebody's act, a limit. Without any of these every job must still end. */
  isExtra: boolean;
  calls: readonly Performed[];
  passed: readonly Passed[];
}

export interface Model {
  bounds: Bounds;
  rules: Rules;
}

/** Changes the copy of the world; false: that cannot happen. */
export type Change = (after: World, turn: Turn) => void | boolean;

export interface Turn {
  /** Runs a script on the world's store. */
  call: (call: Call) => Answer;
  pass: (what: Passed['what'], job: number) => void;
}

type Budget = 'faults' | 'errors' | 'acts' | 'limits';

export interface Steps {
  readonly world: World;
  readonly model: Model;
  readonly all: readonly Step[];
  add: (label: string, change: Change) => void;
  /** If this kind of fault is among the bounds, and one is left. */
  fault: (kind: FaultName, label: string, change: Change) => void;
  /** If one is left of what the bounds allow. */
  extra: (budget: Exclude<Budget, 'faults'>, label: string, change: Change) => void;
}

export const createSteps = (model: Model, world: World): Steps => {
  const all: Step[] = [];

  const push = (label: string, change: Change, budget?: Budget): void => {
    const state = cloneWorld(world);
    if (budget !== undefined) state[budget] -= 1;
    const calls: Performed[] = [];
    const passed: Passed[] = [];
    const scope = { store: state.store, rules: model.rules, limits: model.bounds };
    const turn: Turn = {
      call: (call) => {
        const answer = runScript(scope, call);
        calls.push({ call, answer });
        return answer;
      },
      pass: (what, job) => void passed.push({ what, job }),
    };
    if (change(state, turn) === false) return;
    all.push({ label, state, isExtra: budget !== undefined, calls, passed });
  };

  return {
    world,
    model,
    all,
    add: (label, change) => push(label, change),
    fault: (kind, label, change) => {
      if (world.faults > 0 && model.bounds.kinds.includes(kind)) push(label, change, 'faults');
    },
    extra: (budget, label, change) => {
      if (world[budget] > 0) push(label, change, budget);
    },
  };
};
