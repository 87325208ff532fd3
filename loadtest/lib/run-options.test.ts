import { expect, it } from 'vitest';
import { longestSeconds, thresholdsFor } from './run-options.ts';
import { readSettings } from './settings.ts';

const defaults = {
  users: 4,
  arriveSeconds: 7,
  lookSeconds: 5,
  submitWithinSeconds: 10,
  resultWithinSeconds: 20,
};
const target = { BASE_URL: 'http://127.0.0.1:8080', TOKEN: 'secret' };

it('expects as many jobs as the users submit in all', () => {
  const settings = readSettings({ ...target, ITERATIONS: '3' }, defaults);
  expect(thresholdsFor({ settings, jobsPerIteration: 2 })['jobs_accepted']).toEqual(['count==24']);
});

it('gives the run more time than all the waits of a user together', () => {
  const settings = readSettings({ ...target, ITERATIONS: '3', THINK_SECONDS: '11' }, defaults);
  expect(longestSeconds({ settings, jobsPerIteration: 2 })).toBeGreaterThan(7 + 3 * (2 * (10 + 20 + 5) + 11));
});
