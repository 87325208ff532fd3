/** When a job will be done, estimated from what is measured. */

export interface PoolLoad {
  /** Jobs that workers can run at a time, and that they are running. */
  slots: number;
  busy: number;
  /** Moving average of run times, ms; undefined before the first job is done. */
  serviceMs?: number | undefined;
  /** No job is started at present. */
  paused: boolean;
}

/**
 * Seconds until a job with `ahead` jobs before it is done: it starts when enough slots have come free, which `slots`
 * workers do `slots` times per service time.
 * @returns undefined when nobody works, nothing is known yet, or the pool is paused: nobody knows for how long.
 */
export const queuedEtaSeconds = (
  ahead: number,
  { slots, busy, serviceMs, paused }: PoolLoad,
): number | undefined => {
  if (serviceMs === undefined || slots === 0 || paused) return undefined;
  const free = Math.max(0, slots - busy);
  const waves = ahead < free ? 0 : (ahead - free + 1) / slots;
  return ((waves + 1) * serviceMs) / 1_000;
};

/** Seconds until a job that runs since `runningMs` is done. */
export const runningEtaSeconds = (runningMs: number, serviceMs: number | undefined): number | undefined =>
  serviceMs === undefined ? undefined : Math.max(0, serviceMs - runningMs) / 1_000;

const defaultRetrySeconds = 2;
const longestRetrySeconds = 60;

/** Whole seconds for `Retry-After`: the estimate, from 1 s to a minute; 2 s where there is none. */
export const retryAfterSecondsFor = (etaSeconds: number | undefined): number =>
  etaSeconds === undefined
    ? defaultRetrySeconds
    : Math.min(longestRetrySeconds, Math.max(1, Math.ceil(etaSeconds)));
