import { expect, test } from 'vitest';
import { jobHref, jobsHref, parseRoute } from './route.ts';

const everything = { page: 'jobs', filter: { status: '', task: '' } };

test.each([
  ['', everything],
  ['#/', everything],
  ['#/jobs', everything],
  ['#/jobs?status=failed', { page: 'jobs', filter: { status: 'failed', task: '' } }],
  ['#/jobs/3f2a', { page: 'job', id: '3f2a' }],
  ['#/queue', { page: 'queue' }],
  ['#/dead-letters', { page: 'dead-letters' }],
  ['#/jobs/a/b', { page: 'unknown' }],
  ['#/jobs/%E0%A4%A', { page: 'unknown' }],
  ['#/settings', { page: 'unknown' }],
])('%j names a page', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});

test('links lead back to what they were made from', () => {
  expect(parseRoute(jobHref('a/b ü%'))).toEqual({ page: 'job', id: 'a/b ü%' });
  const filter = { status: 'done', task: 'größe&co' };
  expect(parseRoute(jobsHref(filter))).toEqual({ page: 'jobs', filter });
  expect(jobsHref({ status: '', task: '' })).toBe('#/jobs');
});
