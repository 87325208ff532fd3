import { expect, test } from 'vitest';
import type { Job } from '../api/schemas.ts';
import { endedSince } from './ended-since.ts';

const at = '2026-11-25T10:00:00.000Z';
const job = (id: string, status: Job['status']): Job => ({
  id,
  task: 'factorial',
  status,
  outputBytes: null,
  attempt: 0,
  maxAttempts: 3,
  priority: 'normal',
  labels: {},
  createdAt: at,
  queuedAt: at,
  startedAt: null,
  finishedAt: null,
  expiresAt: null,
});

const before = new Map<string, Job['status']>([
  ['a', 'queued'],
  ['b', 'processing'],
  ['c', 'processing'],
  ['d', 'done'],
]);

test('jobs that have come to their end are told, each kind of end once', () => {
  expect(endedSince(before, [job('a', 'done'), job('b', 'done'), job('c', 'failed')])).toBe(
    '2 jobs done, 1 job failed',
  );
});

test('nothing is told of jobs that go on, had ended before, or are new in the list', () => {
  expect(endedSince(before, [job('a', 'processing'), job('d', 'done'), job('e', 'done')])).toBeUndefined();
});
