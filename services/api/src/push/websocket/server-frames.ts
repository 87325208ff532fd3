/** What the server says on a WebSocket. */
import type { AppError } from '@factorial/core/errors/app-error';
import { toProblem } from '../../http/problem.ts';
import type { EventView } from '../event-view.ts';

export const subscribedFrame = (ids: readonly string[]): string => JSON.stringify({ subscribed: ids });

export const unsubscribedFrame = (ids: readonly string[]): string => JSON.stringify({ unsubscribed: ids });

export const eventFrame = (job: string, event: EventView): string => JSON.stringify({ job, ...event });

/** A problem document, but for what refers to a page and a path. @param job whom it is about, if one alone. */
export const errorFrame = (error: AppError, job?: string): string => {
  const { type: _type, instance: _instance, ...problem } = toProblem(error, '');
  return JSON.stringify({ error: problem, job });
};
