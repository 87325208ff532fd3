/** A few users, both interfaces, every check: is this system alive and right? Takes seconds. */
import { check, sleep } from 'k6';
import { createApiClient } from '../lib/api-client.ts';
import { firstLook, type Run } from '../lib/first-look.ts';
import { takeJobJourney } from '../lib/job-journey.ts';
import { createKnownResults, pickOne } from '../lib/known-results.ts';
import { createLedger } from '../lib/ledger.ts';
import { checkRefusals } from '../lib/refusals.ts';
import { runOptions } from '../lib/run-options.ts';
import { readSettings } from '../lib/settings.ts';
import { createSummary } from '../lib/summary.ts';
import { takeJourney } from '../lib/user-journey.ts';

const settings = readSettings(__ENV, {
  users: 3,
  arriveSeconds: 0,
  lookSeconds: 1,
  submitWithinSeconds: 10,
  resultWithinSeconds: 20,
});
const knownResults = createKnownResults(settings);
const ledger = createLedger();
const client = createApiClient(settings, ledger);

export const options = runOptions({ settings, jobsPerIteration: 2 });
export const setup = (): Run => firstLook(settings, client);
export const handleSummary = createSummary('smoke', settings);

const user = (run: Run): void => {
  sleep(__ITER === 0 ? Math.random() * settings.arriveSeconds : settings.thinkSeconds);
  const key = `loadtest-${run.id}-${__VU}-${__ITER}`;
  const deps = { settings, client, ledger };
  checkRefusals(client);
  takeJourney(deps, { known: pickOne(knownResults), idempotencyKey: `${key}-article` });
  takeJobJourney(deps, { known: pickOne(knownResults), idempotencyKey: `${key}-job` });
  check(client.ask({ path: '/v1/queue', name: '/v1/queue' }), {
    'the queue tells how it is': ({ status }) => status === 200,
  });
};
export default user;
