import { expect, test } from 'vitest';
import type { Job } from '../api/schemas.ts';
import { cutHint, streamedTitle } from './streamed-words.ts';

test.each<[Job['status'], string]>([
  ['processing', 'Output so far'],
  ['queued', 'Output of attempt 3'],
  ['failed', 'Output of attempt 3'],
  ['cancelled', 'Output of attempt 3'],
])('what a job has streamed that is %s is called %j', (status, title) => {
  expect(streamedTitle({ status }, { attempt: 3 })).toBe(title);
});

test('the rest is promised only of an attempt that runs', () => {
  expect(cutHint({ status: 'processing' })).toContain('when the job is done');
  expect(cutHint({ status: 'failed' })).not.toContain('when the job is done');
});
