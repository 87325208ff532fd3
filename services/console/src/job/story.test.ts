import { expect, test } from 'vitest';
import type { JobEvent } from '../api/job-events.ts';
import { continueStory, emptyStory } from './story.ts';

const at = '2026-11-25T10:00:00.000Z';

const tell = (...events: JobEvent[]) =>
  events.reduce((story, event, index) => continueStory(story, { event, eventId: `${index}` }), emptyStory);

const log = (attempt: number, text: string, truncated?: boolean): JobEvent => ({
  type: 'log',
  data: { attempt, at, text, truncated },
});
const output = (attempt: number, text: string): JobEvent => ({ type: 'output', data: { attempt, at, text } });
const started = (attempt: number): JobEvent => ({ type: 'started', data: { attempt, at } });

test('the log is kept attempt by attempt, and says where it was cut', () => {
  const { log: parts } = tell(log(1, 'a\n'), log(1, 'b\n', true), log(2, 'c\n'));
  expect(parts).toEqual([
    { attempt: 1, text: 'a\nb\n', isCut: true },
    { attempt: 2, text: 'c\n', isCut: false },
  ]);
});

test('streamed output is that of the newest attempt alone', () => {
  expect(tell(output(1, 'Once '), output(1, 'upon')).output.text).toBe('Once upon');
  expect(tell(output(1, 'Once '), started(2)).output).toEqual({ attempt: 2, text: '', isCut: false });
  expect(tell(output(1, 'Once '), output(2, 'Twice')).output.text).toBe('Twice');
});

test('the timeline has the steps of a job and not each bit of progress', () => {
  const story = tell(
    { type: 'queued', data: { attempt: 0, at, reason: 'accepted' } },
    started(1),
    { type: 'progress', data: { attempt: 1, at, value: 0.5, message: '' } },
    { type: 'cancelled', data: { attempt: 1, at } },
  );
  expect(story.milestones.map(({ type }) => type)).toEqual(['queued', 'started', 'cancelled']);
  expect(story.lastEventId).toBe('3');
});
