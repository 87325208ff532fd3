/** What to call the output that an attempt has streamed: only one that runs has more to come. */
import type { Job } from '../api/schemas.ts';
import type { LogPart } from './story.ts';

type Streamed = Pick<LogPart, 'attempt'>;

export const streamedTitle = ({ status }: Pick<Job, 'status'>, { attempt }: Streamed): string =>
  status === 'processing' ? 'Output so far' : `Output of attempt ${attempt}`;

/** Under an output that was cut. */
export const cutHint = ({ status }: Pick<Job, 'status'>): string =>
  status === 'processing'
    ? 'More is not streamed. All of it is here when the job is done.'
    : 'More was not streamed, and is not kept.';
