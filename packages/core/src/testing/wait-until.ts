/** Waits for a condition instead of a time, so that a test is as fast as what it tests and never flaky by a few milliseconds. */
import { sleep } from '../lifecycle/sleep.ts';

export interface WaitOptions {
  timeoutMs?: number;
  /** What is waited for, for the message of the error. */
  what: string;
  pollMs?: number;
}

/**
 * @returns what the condition gave, once that is neither false nor undefined nor null.
 * @throws when it is not so in time; what the condition threw last is the error's cause.
 */
export const waitUntil = async <Value>(
  condition: () => Value | Promise<Value>,
  options: WaitOptions,
): Promise<Exclude<Value, false | undefined | null>> => {
  const { timeoutMs = 5_000, what, pollMs = 10 } = options;
  const end = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await condition();
      if (isThere(value)) return value;
    } catch (thrown) {
      cause = thrown;
    }
    await sleep(pollMs);
  } while (performance.now() < end);
  throw new Error(`not so within ${timeoutMs} ms: ${what}`, { cause });
};

const isThere = <Value>(value: Value): value is Exclude<Value, false | undefined | null> =>
  value !== false && value !== undefined && value !== null;
