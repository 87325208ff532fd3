/** What a job's page knows. */
import { assertNever } from '@factorial/core/errors/assert-never';
import type { ApiError } from '../api/api-error.ts';
import type { StreamState } from '../api/follow-job.ts';
import type { Job } from '../api/schemas.ts';
import { applyEvent } from '../jobs/apply-event.ts';
import { continueStory, emptyStory, type Story, type ToldEvent } from './story.ts';

export interface JobState {
  /** Undefined until the first answer. */
  job: Job | undefined;
  story: Story;
  /** Why the job could not be read. */
  error: ApiError | undefined;
  stream: StreamState;
}

export type JobAction =
  | { type: 'read'; job: Job }
  | { type: 'failed'; error: ApiError }
  | { type: 'told'; told: ToldEvent }
  | { type: 'stream'; stream: StreamState };

export const emptyJobState: JobState = {
  job: undefined,
  story: emptyStory,
  error: undefined,
  stream: 'connecting',
};

export const reduceJob = (state: JobState, action: JobAction): JobState => {
  switch (action.type) {
    case 'read':
      return { ...state, job: action.job, error: undefined };
    case 'failed':
      return { ...state, error: action.error };
    case 'told': {
      const { job, story } = state;
      return {
        ...state,
        job: job && applyEvent(job, action.told.event),
        story: continueStory(story, action.told),
      };
    }
    case 'stream':
      return { ...state, stream: action.stream };
    default:
      return assertNever(action);
  }
};
