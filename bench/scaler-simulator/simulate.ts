/** Plays one scenario with one autoscaler and one seed. */
import type { Autoscaler } from './models/autoscaler.ts';
import type { Scenario } from './scenarios.ts';
import { createRandom } from './random.ts';
import { createWorld } from './world/world.ts';

export interface Outcome {
  scenario: string;
  autoscaler: string;
  seed: number;
  jobs: number;
  done: number;
  busyPicked: number;
  busyVictims: number;
  killed: number;
  belowInflight: number;
  mostReplicas: number;
  started: number;
  podMinutes: number;
  pendingMinutes: number;
  meanWaitSeconds: number;
  p95WaitSeconds: number;
}

export interface Play {
  scenario: Scenario;
  autoscaler: Autoscaler;
  seed: number;
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);

export const simulate = async ({ scenario, autoscaler, seed }: Play): Promise<Outcome> => {
  const world = createWorld({ scenario, seed, graceMs: autoscaler.graceSeconds * 1_000 });
  await autoscaler.run(world);
  world.replicaSet.close();
  const { waitsMs, podMs, pendingMs, ...counts } = world.ledger;
  const sorted = waitsMs.toSorted((one, other) => one - other);
  return {
    scenario: scenario.name,
    autoscaler: autoscaler.name,
    seed,
    jobs: scenario.jobs(createRandom(seed)).length,
    done: waitsMs.length,
    ...counts,
    podMinutes: podMs / 60_000,
    pendingMinutes: pendingMs / 60_000,
    meanWaitSeconds: mean(waitsMs) / 1_000,
    p95WaitSeconds: percentile(sorted, 0.95) / 1_000,
  };
};
