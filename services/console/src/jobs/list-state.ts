/** What is known of a page of jobs. */
import { assertNever } from '@factorial/core/errors/assert-never';
import type { ApiError } from '../api/api-error.ts';
import type { JobEvent } from '../api/job-events.ts';
import type { SocketState } from '../api/job-socket.ts';
import type { Job, JobPage } from '../api/schemas.ts';
import { applyEvent } from './apply-event.ts';

export interface ListState {
  /** Undefined until the first answer. */
  jobs: readonly Job[] | undefined;
  nextPageToken: string | undefined;
  /** Of the last reading, where it failed. */
  error: ApiError | undefined;
  connection: SocketState;
}

export type ListAction =
  | { type: 'read'; page: JobPage }
  | { type: 'failed'; error: ApiError }
  | { type: 'event'; id: string; event: JobEvent }
  | { type: 'connection'; connection: SocketState };

export const emptyList: ListState = {
  jobs: undefined,
  nextPageToken: undefined,
  error: undefined,
  connection: 'connecting',
};

export const reduceList = (state: ListState, action: ListAction): ListState => {
  switch (action.type) {
    case 'read':
      return { ...state, ...action.page, nextPageToken: action.page.nextPageToken, error: undefined };
    case 'failed':
      return { ...state, error: action.error };
    case 'event':
      return {
        ...state,
        jobs: state.jobs?.map((job) => (job.id === action.id ? applyEvent(job, action.event) : job)),
      };
    case 'connection':
      return { ...state, connection: action.connection };
    default:
      return assertNever(action);
  }
};
