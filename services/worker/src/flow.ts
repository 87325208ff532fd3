/** How much this worker takes in: measures how long jobs run, and keeps its runners fed without hoarding. */
import type { RunRef } from './runner/run-ref.ts';
import type { Slot } from './runner/slot.ts';
import { lineLengthFor, longRunMs, nextPrefetch, prefetchFor, type ServiceTime } from './service-time.ts';

export interface FlowDeps {
  slots: readonly Slot[];
  serviceTime: ServiceTime;
  /** Milliseconds, monotonic. */
  nowMs: () => number;
}

export interface Flow {
  /** How many further jobs the slots take. */
  room: () => number;
  /** The slot with the shortest line, of those whose runner is set up where there are any. */
  slotFor: () => Slot;
  /** What waits behind a run that takes long. */
  stuck: () => readonly RunRef[];
  prefetch: () => number;
  /** Lets the prefetch follow the service time. @returns whether it went down. */
  adjust: (set: (prefetch: number) => Promise<void>) => Promise<boolean>;
}

/** A new prefetch means a new channel. */
const adjustEveryMs = 1_000;

export const createFlow = ({ slots, serviceTime, nowMs }: FlowDeps): Flow => {
  let prefetch = slots.length;
  let adjustedAtMs = -Infinity;

  const serviceMs = (): number | undefined =>
    serviceTime.estimateMs(Math.max(...slots.map((slot) => slot.headMs())));

  const roomOf = (slot: Slot, length: number): number =>
    slot.isReady() ? Math.max(0, length - slot.line().length) : 0;

  return {
    room: () => {
      const length = lineLengthFor(serviceMs());
      return slots.reduce((sum, slot) => sum + roomOf(slot, length), 0);
    },
    slotFor: () => {
      const ready = slots.filter((slot) => slot.isReady());
      return (ready.length > 0 ? ready : slots).reduce((best, slot) =>
        slot.line().length < best.line().length ? slot : best,
      );
    },
    stuck: () => slots.flatMap((slot) => (slot.headMs() > longRunMs ? slot.line().slice(1) : [])),
    prefetch: () => prefetch,
    adjust: async (set) => {
      const next = nextPrefetch(prefetch, prefetchFor(serviceMs(), slots.length), slots.length);
      if (next === prefetch || nowMs() - adjustedAtMs < adjustEveryMs) return false;
      const isLower = next < prefetch;
      prefetch = next;
      adjustedAtMs = nowMs();
      await set(next);
      return isLower;
    },
  };
};
