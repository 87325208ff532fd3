/** k6's options of a run: how many users, what must hold, and when it is over at the latest. */
import type { Options } from 'k6/options';
import { requestTimeoutSeconds } from './answer.ts';
import type { Settings } from './settings.ts';

export interface Load {
  settings: Settings;
  /** Jobs that a user submits in one iteration. */
  jobsPerIteration: number;
}

/** Those that are sent once, outside the waits, and the last of each wait. */
const requestsPerJob = 6;

/**
 * Every wait of a user is bounded, and so is the run.
 */
export const longestSeconds = ({ settings, jobsPerIteration }: Load): number => {
  const waits = settings.submitWithinSeconds + settings.resultWithinSeconds + settings.lookSeconds;
  const perJob = waits + requestsPerJob * requestTimeoutSeconds;
  return settings.arriveSeconds + settings.iterations * (jobsPerIteration * perJob + settings.thinkSeconds);
};

export const thresholdsFor = ({ settings, jobsPerIteration }: Load): Record<string, string[]> => ({
  jobs_accepted: [`count==${settings.users * settings.iterations * jobsPerIteration}`],
  jobs_open: ['count==0'],
  jobs_wrong: ['count==0'],
  jobs_failed: ['count==0'],
  jobs_lost: ['count==0'],
  errors: [`count<=${settings.maxErrors}`],
  checks: ['rate==1'],
  submit_ms: [`p(95)<${settings.submitP95Ms}`],
});

export const runOptions = (load: Load): Options => ({
  scenarios: {
    users: {
      executor: 'per-vu-iterations',
      vus: load.settings.users,
      iterations: load.settings.iterations,
      maxDuration: `${longestSeconds(load)}s`,
      gracefulStop: '0s',
    },
  },
  thresholds: thresholdsFor(load),
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
  setupTimeout: '20s',
});
