/** One way to look after a world's number of workers. */
import type { World } from '../world/world.ts';

export interface Autoscaler {
  name: string;
  about: string;
  /** terminationGracePeriodSeconds of the workers' pods. */
  graceSeconds: number;
  /** Looks after the world until it is over. */
  run(world: World): Promise<void>;
}
