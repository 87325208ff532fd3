/** What was found out about a token, for as long as that holds, in a bounded number of entries. */
import type { Clock } from '../time/clock.ts';

export interface ExpiringCache<Value> {
  get(key: string): Value | undefined;
  /** What was last put under a name is forgotten last. */
  put(key: string, value: Value, goodUntilMs: number): void;
  drop(key: string): void;
}

/**
 * First in, first out: enough for callers that use one token for many requests, and bounded for those that do not.
 * @param size entries at the most; 0 remembers nothing.
 */
export const createExpiringCache = <Value>(size: number, clock: Clock): ExpiringCache<Value> => {
  const entries = new Map<string, { value: Value; goodUntilMs: number }>();
  return {
    get: (key) => {
      const found = entries.get(key);
      if (found === undefined || found.goodUntilMs > clock.now()) return found?.value;
      entries.delete(key);
      return undefined;
    },
    put: (key, value, goodUntilMs) => {
      if (size === 0) return;
      entries.delete(key);
      const oldest = entries.size >= size ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
      entries.set(key, { value, goodUntilMs });
    },
    drop: (key) => {
      entries.delete(key);
    },
  };
};
