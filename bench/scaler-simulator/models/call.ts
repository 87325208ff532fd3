/** A call over the network: takes its time, and the world goes on meanwhile. Calls that are made at once take that time once. */
import type { VirtualClock } from '../world/virtual-clock.ts';

/** There and back. */
const callMs = 20;

export const call = async (clock: VirtualClock): Promise<void> => {
  const untilMs = clock.now() + callMs;
  // Lets those begin that are made at once.
  await Promise.resolve();
  clock.advanceTo(untilMs);
};
