import { expect, test } from 'vitest';
import type { JobEvent } from '../api/job-events.ts';
import type { Job } from '../api/schemas.ts';
import { emptyStory } from './story.ts';
import { timelineOf } from './timeline.ts';

const at = (second: number): string => `2026-11-25T10:00:0${second}.000Z`;

const job: Job = {
  id: 'a',
  task: 'factorial',
  status: 'done',
  outputBytes: 12,
  attempt: 2,
  maxAttempts: 3,
  priority: 'normal',
  labels: {},
  createdAt: at(0),
  queuedAt: at(0),
  startedAt: at(4),
  finishedAt: at(9),
  expiresAt: null,
};

const error = { code: 'crashed', message: 'The runner died' };
const events: JobEvent[] = [
  { type: 'queued', data: { attempt: 0, at: at(0), reason: 'accepted' } },
  { type: 'started', data: { attempt: 1, at: at(1) } },
  { type: 'queued', data: { attempt: 1, at: at(2), reason: 'failed', error, notBefore: at(4) } },
  { type: 'started', data: { attempt: 2, at: at(4) } },
  { type: 'done', data: { attempt: 2, at: at(9), outputBytes: 12, outputMediaType: 'text/plain' } },
];

test('a timeline tells each step, why it came and how long after the one before', () => {
  const steps = timelineOf(job, { ...emptyStory, milestones: events });
  expect(steps.map(({ title, afterMs }) => `${title} +${afterMs ?? 0}`)).toEqual([
    'Accepted, in the queue +0',
    'Attempt 1 started +1000',
    'Attempt 1 failed, in the queue again +1000',
    'Attempt 2 started +2000',
    'Done +5000',
  ]);
  expect(steps[2]?.detail).toMatch(/^The runner died\. Next not before \d\d:\d\d:04\.$/);
  expect(steps[4]?.detail).toBe('12 B of text/plain');
});

test('a timeline whose beginning is not kept begins with the time at which the job was accepted', () => {
  const steps = timelineOf(job, { ...emptyStory, milestones: events.slice(3) });
  expect(steps.map(({ title }) => title)).toEqual(['Accepted, in the queue', 'Attempt 2 started', 'Done']);
});

test('a timeline without events is made of what the job itself knows', () => {
  const steps = timelineOf(job, emptyStory);
  expect(steps.map(({ title }) => title)).toEqual(['Accepted, in the queue', 'Attempt 2 started', 'Done']);
  expect(
    timelineOf({ ...job, status: 'queued', startedAt: null, finishedAt: null }, emptyStory),
  ).toHaveLength(1);
});
