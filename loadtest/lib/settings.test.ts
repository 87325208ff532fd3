import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';

const defaults = {
  users: 3,
  arriveSeconds: 0,
  lookSeconds: 1,
  submitWithinSeconds: 10,
  resultWithinSeconds: 20,
};
const target = { BASE_URL: 'http://127.0.0.1:8080/', TOKEN: 'secret' };

it('takes the defaults of the scenario when nothing is set', () => {
  expect(readSettings(target, defaults)).toMatchObject({
    ...defaults,
    baseUrl: 'http://127.0.0.1:8080',
    iterations: 1,
    maxErrors: 0,
  });
});

it('takes what is set', () => {
  const settings = readSettings({ ...target, USERS: '20', N_MIN: '7', N_MAX: '9' }, defaults);
  expect(settings).toMatchObject({ users: 20, nMin: 7, nMax: 9 });
});

it('names every mistake when there are several', () => {
  const env = { BASE_URL: 'http://example.org', USERS: '0', N_MIN: '9', N_MAX: '8', ALLOW_REMOTE: 'yes' };
  const read = () => readSettings(env, defaults);
  for (const name of ['TOKEN', 'USERS', 'N_MIN', 'ALLOW_REMOTE', 'example.org']) expect(read).toThrow(name);
});

it.each(['1.5', '-1', 'ten', '1e3', ' 5'])('refuses USERS=%j', (text) => {
  expect(() => readSettings({ ...target, USERS: text }, defaults)).toThrow('USERS');
});
