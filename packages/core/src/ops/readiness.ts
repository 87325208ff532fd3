/** Whether a process can serve now: a gate that is open between start and stop, and named checks behind it. */
import { within } from '../lifecycle/within.ts';

/** True when well. A check that throws, or takes longer than a second, has failed. */
export type Check = () => boolean | Promise<boolean>;

export type Checks = Readonly<Record<string, Check>>;

const checkTimeoutMs = 1_000;

const passes = async (name: string, check: Check): Promise<boolean> => {
  try {
    return await within(Promise.resolve(check()), checkTimeoutMs, name);
  } catch {
    return false;
  }
};

/** @returns the names of those that fail. */
export const failingChecks = async (checks: Checks): Promise<string[]> => {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ((await passes(name, check)) ? [] : [name])),
  );
  return outcomes.flat();
};

/**
 * Well for good once it has been well: for what all replicas share. A wrong password shows at the start, and keeps a new version
 * from replacing the old; an outage later is answered to each request, not by every replica leaving its Service at once.
 */
export const onceWell = (check: Check): Check => {
  let wasWell = false;
  return async () => {
    wasWell ||= await check();
    return wasWell;
  };
};
