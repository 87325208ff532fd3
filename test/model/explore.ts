/** Breadth-first search through every world that can be reached, with the shortest way to the first violation. */
import { createEdges } from './edges.ts';
import { liveness, stepInvariants, unharmed, worldInvariants } from './invariants.ts';
import { next } from './next.ts';
import { isOpen } from './record.ts';
import type { Model, Step } from './steps.ts';
import { firstWorld, type World } from './world.ts';
import { worldKey } from './world-key.ts';

export interface Violation {
  invariant: string;
  /** From the first world, in order. */
  trace: readonly string[];
}

export interface Exploration {
  states: number;
  transitions: number;
  /** Steps to the world that is farthest away. */
  depth: number;
  violation: Violation | undefined;
}

interface Search {
  model: Model;
  /** Invariants to judge by name; others are left alone. */
  judge: ReadonlySet<string>;
  maxStates: number;
  /** Stops at the first world like this, and tells the way to it. */
  stopAt?: (world: World) => boolean;
}

export const generalInvariants: readonly string[] = [
  ...worldInvariants.map(({ name }) => name),
  ...stepInvariants.map(({ name }) => name),
  liveness.name,
];

const createJudge = ({ model, judge, stopAt }: Search) => {
  const ofWorlds = [...worldInvariants, unharmed].filter(({ name }) => judge.has(name));
  const ofSteps = stepInvariants.filter(({ name }) => judge.has(name));
  return {
    step: (before: World, step: Step) => ofSteps.find(({ holds }) => !holds(before, step))?.name,
    world: (world: World) =>
      (stopAt?.(world) === true ? 'stopped' : undefined) ??
      ofWorlds.find(({ holds }) => !holds(world, model))?.name,
  };
};

const isGoal = (world: World): boolean => !world.store.jobs.some(isOpen);

/** The labels on the way through these worlds: not kept while searching, there are millions. */
const retrace = (model: Model, keys: readonly string[]): string[] => {
  let world = firstWorld(model.bounds);
  return keys.slice(1).map((key) => {
    const step = next(model, world).find(({ state }) => worldKey(model.rules, state) === key);
    if (!step) throw new Error('the way cannot be found again');
    world = step.state;
    return step.label;
  });
};

/** The worlds met so far, by their keys, each with the one it was first reached from. */
const createAtlas = (model: Model, maxStates: number) => {
  const ids = new Map<string, number>();
  const parents: number[] = [];
  return {
    size: () => parents.length,
    meet: (world: World, parent: number): { id: number; isNew: boolean } => {
      const key = worldKey(model.rules, world);
      const known = ids.get(key);
      if (known !== undefined) return { id: known, isNew: false };
      const id = parents.push(parent) - 1;
      if (id >= maxStates) throw new Error(`more than ${maxStates} states`);
      ids.set(key, id);
      return { id, isNew: true };
    },
    wayTo: (id: number): string[] => {
      const way: number[] = [];
      for (let at = id; at >= 0; at = parents[at] ?? -1) way.unshift(at);
      const places = new Map(way.map((passed, index) => [passed, index]));
      const keys: string[] = [];
      for (const [key, passed] of ids) {
        const place = places.get(passed);
        if (place !== undefined) keys[place] = key;
      }
      return retrace(model, keys);
    },
  };
};

export const explore = (search: Search): Exploration => {
  const { model, maxStates, judge } = search;
  const judged = createJudge(search);
  const atlas = createAtlas(model, maxStates);
  const edges = createEdges();
  const goals: number[] = [];
  let transitions = 0;
  let depth = 0;

  /** @returns the worlds that are new, or what is broken on the way to one. */
  const expand = (id: number, world: World): [number, World][] | Violation => {
    const further: [number, World][] = [];
    for (const step of next(model, world)) {
      transitions += 1;
      const { id: reached, isNew } = atlas.meet(step.state, id);
      if (!step.isExtra) edges.add(id, reached);
      const broken = judged.step(world, step) ?? (isNew ? judged.world(step.state) : undefined);
      if (broken !== undefined) return { invariant: broken, trace: [...atlas.wayTo(id), step.label] };
      if (!isNew) continue;
      if (isGoal(step.state)) goals.push(reached);
      further.push([reached, step.state]);
    }
    return further;
  };

  const result = (violation?: Violation): Exploration => ({
    states: atlas.size(),
    transitions,
    depth,
    violation,
  });

  const start = firstWorld(model.bounds);
  goals.push(atlas.meet(start, -1).id);
  for (let frontier: [number, World][] = [[0, start]]; frontier.length > 0; depth += 1) {
    const further: [number, World][] = [];
    for (const [id, world] of frontier) {
      const found = expand(id, world);
      if (!Array.isArray(found)) return result(found);
      for (const reached of found) further.push(reached);
    }
    frontier = further;
  }
  const stuck = judge.has(liveness.name) ? edges.cannotReach(goals, atlas.size()) : undefined;
  return result(stuck === undefined ? undefined : { invariant: liveness.name, trace: atlas.wayTo(stuck) });
};
