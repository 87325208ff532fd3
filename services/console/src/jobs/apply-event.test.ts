import { expect, test } from 'vitest';
import type { JobEvent } from '../api/job-events.ts';
import type { Job } from '../api/schemas.ts';
import { applyEvent } from './apply-event.ts';

const at = '2026-11-25T10:00:00.000Z';

const queued: Job = {
  id: '3f2a9c1d',
  task: 'factorial',
  status: 'queued',
  outputBytes: null,
  attempt: 0,
  maxAttempts: 3,
  position: 4,
  etaSeconds: 20,
  priority: 'normal',
  labels: {},
  createdAt: at,
  queuedAt: at,
  startedAt: null,
  finishedAt: null,
  expiresAt: null,
};

const failure = { code: 'crashed', message: 'It broke.', retryable: true };
const story: JobEvent[] = [
  { type: 'queued', data: { attempt: 0, at, reason: 'accepted' } },
  { type: 'started', data: { attempt: 1, at } },
  { type: 'progress', data: { attempt: 1, at, value: 0.5, message: 'half' } },
  { type: 'queued', data: { attempt: 1, at, reason: 'failed', error: failure } },
  { type: 'started', data: { attempt: 2, at } },
  { type: 'failed', data: { attempt: 2, at, error: failure } },
];

const after = (job: Job, events: readonly JobEvent[]): Job => events.reduce(applyEvent, job);

test('a job that starts has no place in the queue any more, and begins without progress', () => {
  const job = after(queued, story.slice(0, 2));
  expect(job).toMatchObject({ status: 'processing', attempt: 1 });
  expect([job.position, job.etaSeconds, job.progress]).toEqual([undefined, undefined, undefined]);
});

test('progress is told while it runs', () => {
  expect(after(queued, story.slice(0, 3)).progress).toEqual({ value: 0.5, message: 'half' });
});

test('an attempt that fails and is tried again puts the job back into the queue', () => {
  expect(after(queued, story.slice(0, 4))).toMatchObject({
    status: 'queued',
    attempt: 1,
    progress: undefined,
  });
});

test('a job that fails for good says why and when', () => {
  expect(after(queued, story)).toMatchObject({ status: 'failed', error: failure, finishedAt: at });
});

test('a story told again from its beginning leaves a job where it was', () => {
  const job = after(queued, story);
  expect(after(job, story)).toEqual(job);
  const running = after(queued, story.slice(0, 5));
  expect(after(running, story.slice(0, 5))).toEqual(running);
});
