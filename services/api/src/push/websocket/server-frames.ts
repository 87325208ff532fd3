/** What the server says on a WebSocket. */
import type { AppError } from '@factorial/core/errors/app-error';
import { toProblem } from '../../http/problem.ts';
import type { JobEvent } from '../job-events.ts';

export const subscribedFrame = (ids: readonly string[]): string => JSON.stringify({ subscribed: ids });

export const unsubscribedFrame = (ids: readonly string[]): string => JSON.stringify({ unsubscribed: ids });

export const eventFrame = (job: string, { id, type, data }: JobEvent): string =>
  JSON.stringify({ job, id, event: type, data });

/** A problem document, but for what refers to a page and a path. @param job whom it is about, if one alone. */
export const errorFrame = (error: AppError, job?: string): string => {
  const { type: _type, instance: _instance, ...problem } = toProblem(error, '');
  return JSON.stringify({ error: problem, job });
};
