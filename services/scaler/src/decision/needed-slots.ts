/** How many slots the work at hand needs, so that each job starts within the wait that was promised. */
import type { Load } from '../readings/combine-load.ts';

export interface Demand extends Load {
  /** S, mean time a job takes. */
  serviceSeconds: number;
  /** C, time from the decision for a worker until it serves. */
  coldStartSeconds: number;
  /** λ. */
  arrivalsPerSecond: number;
  /** Age of the oldest waiting job; unknown while the api is silent. */
  oldestWaitSeconds: number | undefined;
  /** Jobs all present workers together can run at a time. */
  slots: number;
  /** Some worker that should serve does not yet. */
  starting: boolean;
  /** An operator has paused the pool: no waiting job is started. */
  paused: boolean;
}

export type NeedReason = 'backlog' | 'arrival-rate' | 'oldest-wait' | 'pool-paused';

export interface Need {
  slots: number;
  reason: NeedReason;
}

/** Below this a worker's start would eat all of the wait. */
const leastTimeSeconds = 5;

/** Slots for the backlog: those in use, and one for every `k` jobs that the used ones do not get to in time. Never under in-flight. */
const forBacklog = (demand: Demand, targetWaitSeconds: number): number => {
  const { ready, inflight, serviceSeconds, coldStartSeconds, arrivalsPerSecond } = demand;
  const timeSeconds = Math.max(leastTimeSeconds, targetWaitSeconds - coldStartSeconds);
  const startsPerSlot = Math.floor(timeSeconds / serviceSeconds) + 1;
  const arriving = ready > 0 ? arrivalsPerSecond * coldStartSeconds : 0;
  const late = Math.max(0, ready + arriving - (inflight * timeSeconds) / serviceSeconds);
  return inflight + Math.ceil(late / startsPerSlot);
};

/** Little's law, L = λ·S, as a floor; only where workers start slowly, since else the backlog tells in time. */
const forArrivals = (demand: Demand, targetWaitSeconds: number): number =>
  demand.coldStartSeconds > targetWaitSeconds / 2
    ? Math.ceil(demand.arrivalsPerSecond * demand.serviceSeconds)
    : 0;

/** The estimates can be wrong, the clock is not: who has waited too long gets one more slot, unless one is on its way. */
const forOldest = (demand: Demand, targetWaitSeconds: number): number => {
  const late = demand.oldestWaitSeconds !== undefined && demand.oldestWaitSeconds > targetWaitSeconds;
  return late && demand.ready > 0 && !demand.starting ? demand.slots + 1 : 0;
};

/** While a pool is paused only what runs needs slots: whoever waits is not let in, however many slots there are. */
export const neededSlots = (demand: Demand, targetWaitSeconds: number): Need => {
  if (demand.paused) return { slots: demand.inflight, reason: 'pool-paused' };
  const needs: Need[] = [
    { slots: forBacklog(demand, targetWaitSeconds), reason: 'backlog' },
    { slots: forArrivals(demand, targetWaitSeconds), reason: 'arrival-rate' },
    { slots: forOldest(demand, targetWaitSeconds), reason: 'oldest-wait' },
  ];
  return needs.reduce((most, need) => (need.slots > most.slots ? need : most));
};
