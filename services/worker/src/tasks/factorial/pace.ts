/** Lets a long computation breathe: tells progress, lets messages in, and ends it where it was cancelled. */
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface PaceDeps {
  signal: AbortSignal;
  /** @param value share of the work that is done, 0 to 1. */
  progress: (value: number) => void;
  /** Milliseconds, monotonic. */
  nowMs: () => number;
}

/** The longest the computation goes on between two breaths, in milliseconds, as far as its steps are shorter than that. */
const breathMs = 50;

export interface Pace {
  /** To be awaited between two steps. @throws the signal's reason once it has aborted. */
  step: (value: number) => Promise<void>;
}

export const createPace = (deps: PaceDeps): Pace => {
  let lastMs = deps.nowMs();
  return {
    step: async (value) => {
      if (deps.nowMs() - lastMs < breathMs) return;
      deps.progress(value);
      await nextTurn();
      deps.signal.throwIfAborted();
      lastMs = deps.nowMs();
    },
  };
};
