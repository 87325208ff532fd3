/** Everything that can happen next. Pure: the world stays as it is. */
import { nextOfClients } from './next-client.ts';
import { nextOfSurroundings } from './next-sweeper.ts';
import { nextOfWorkers } from './next-worker.ts';
import { createSteps, type Model, type Step } from './steps.ts';
import type { World } from './world.ts';

export const next = (model: Model, world: World): readonly Step[] => {
  const steps = createSteps(model, world);
  nextOfClients(steps);
  nextOfWorkers(steps);
  nextOfSurroundings(steps);
  return steps.all;
};
