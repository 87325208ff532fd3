/** What a job's events tell, taken together: its timeline, its log, and what it has put out so far. */
import { assertNever } from '@factorial/core/errors/assert-never';
import type { JobEvent } from '../api/job-events.ts';

/** Log lines of one attempt. */
export interface LogPart {
  attempt: number;
  text: string;
  isCut: boolean;
}

export interface Story {
  /** Those of the timeline. */
  milestones: readonly JobEvent[];
  log: readonly LogPart[];
  /** Streamed output of the newest attempt. */
  output: LogPart;
  lastEventId: string | undefined;
}

export const emptyStory: Story = {
  milestones: [],
  log: [],
  output: { attempt: 0, text: '', isCut: false },
  lastEventId: undefined,
};

type Piece = Extract<JobEvent, { type: 'log' | 'output' }>['data'];

const append = (part: LogPart, { text, truncated }: Piece): LogPart => ({
  ...part,
  text: part.text + text,
  isCut: part.isCut || truncated === true,
});

const newPart = (attempt: number): LogPart => ({ attempt, text: '', isCut: false });

const addToLog = (log: readonly LogPart[], piece: Piece): LogPart[] => {
  const last = log.at(-1);
  return last?.attempt === piece.attempt
    ? [...log.slice(0, -1), append(last, piece)]
    : [...log, append(newPart(piece.attempt), piece)];
};

/** A new attempt begins anew. */
const addToOutput = (output: LogPart, piece: Piece): LogPart =>
  append(output.attempt === piece.attempt ? output : newPart(piece.attempt), piece);

const addEvent = (story: Story, event: JobEvent): Story => {
  switch (event.type) {
    case 'log':
      return { ...story, log: addToLog(story.log, event.data) };
    case 'output':
      return { ...story, output: addToOutput(story.output, event.data) };
    case 'progress':
      return story;
    case 'started':
      return {
        ...story,
        milestones: [...story.milestones, event],
        output: newPart(event.data.attempt),
      };
    case 'queued':
    case 'done':
    case 'failed':
    case 'cancelled':
      return { ...story, milestones: [...story.milestones, event] };
    default:
      return assertNever(event);
  }
};

export interface ToldEvent {
  event: JobEvent;
  eventId: string;
}

export const continueStory = (story: Story, { event, eventId }: ToldEvent): Story => ({
  ...addEvent(story, event),
  lastEventId: eventId,
});
