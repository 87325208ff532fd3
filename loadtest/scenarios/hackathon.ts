/** 500 people at once: each asks for a factorial, looks every five seconds, and reads the result. */
import { sleep } from 'k6';
import { createApiClient } from '../lib/api-client.ts';
import { firstLook, type Run } from '../lib/first-look.ts';
import { createKnownResults, pickOne } from '../lib/known-results.ts';
import { createLedger } from '../lib/ledger.ts';
import { runOptions } from '../lib/run-options.ts';
import { readSettings } from '../lib/settings.ts';
import { createSummary } from '../lib/summary.ts';
import { takeJourney } from '../lib/user-journey.ts';

const settings = readSettings(__ENV, {
  users: 500,
  arriveSeconds: 10,
  lookSeconds: 5,
  submitWithinSeconds: 60,
  resultWithinSeconds: 120,
});
const knownResults = createKnownResults(settings);
const ledger = createLedger();
const client = createApiClient(settings, ledger);

export const options = runOptions({ settings, jobsPerIteration: 1 });
export const setup = (): Run => firstLook(settings, client);
export const handleSummary = createSummary('hackathon', settings);

const user = (run: Run): void => {
  sleep(__ITER === 0 ? Math.random() * settings.arriveSeconds : settings.thinkSeconds);
  const idempotencyKey = `loadtest-${run.id}-${__VU}-${__ITER}`;
  takeJourney({ settings, client, ledger }, { known: pickOne(knownResults), idempotencyKey });
};
export default user;
