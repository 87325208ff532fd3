/** What follows from an attempt to deliver: done with it, given up, or when to try again. */
import type { DeliveryOutcome } from '@factorial/core/jobs/webhook';
import { assertNever } from '@factorial/core/errors/assert-never';
import type { PostResult } from './post-webhook.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** From one attempt to the next: the last one is about 22 h after the first, within the day that a job is kept. */
const delaysMs = [
  5_000,
  30_000,
  2 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  4 * hourMs,
  6 * hourMs,
  8 * hourMs,
] as const;
export const mostTries = delaysMs.length + 1;

/** Longest time that a target may ask us to wait. */
const longestRetryAfterMs = 6 * hourMs;

/** How attempts are counted. */
export type AttemptResult = 'delivered' | 'retry' | 'exhausted' | 'gone' | 'refused';

export interface Plan {
  result: AttemptResult;
  outcome: DeliveryOutcome;
  /** For the job's owner. */
  error?: string;
}

export interface Circumstances {
  /** Attempts before this one. */
  tries: number;
  /** In [0, 1). */
  random: number;
  nowMs: number;
}

/** A number of seconds, or a date (RFC 9110 section 10.2.3); 0 where it is neither. */
const retryAfterMs = (header: string | undefined, nowMs: number): number => {
  if (header === undefined) return 0;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), longestRetryAfterMs) : 0;
};

/** Up to a tenth more or less, so that what failed together does not come back together; never before it was asked for. */
const jittered = (ms: number, askedMs: number, random: number): number =>
  Math.round(Math.max(ms * (0.9 + 0.2 * random), askedMs * (1 + 0.1 * random)));

const again = (error: string, { tries, random }: Circumstances, askedMs = 0): Plan => {
  const delayMs = delaysMs[tries];
  if (delayMs === undefined)
    return {
      result: 'exhausted',
      outcome: { kind: 'failed' },
      error: `${error}; given up after ${tries + 1} attempts`,
    };
  return {
    result: 'retry',
    outcome: { kind: 'again', delayMs: jittered(delayMs, askedMs, random) },
    error,
  };
};

const afterAnswer = (
  { status, retryAfter }: Extract<PostResult, { kind: 'answered' }>,
  circumstances: Circumstances,
): Plan => {
  if (status >= 200 && status < 300) return { result: 'delivered', outcome: { kind: 'delivered' } };
  if (status === 410)
    return { result: 'gone', outcome: { kind: 'failed' }, error: 'the target wants no more (410)' };
  if (status >= 300 && status < 400)
    return again('answered with a redirect, which is not followed', circumstances);
  const asks = status === 429 || status === 503;
  return again(`answered ${status}`, circumstances, asks ? retryAfterMs(retryAfter, circumstances.nowMs) : 0);
};

export const planAfter = (posted: PostResult, circumstances: Circumstances): Plan => {
  switch (posted.kind) {
    case 'answered':
      return afterAnswer(posted, circumstances);
    case 'refused':
      return { result: 'refused', outcome: { kind: 'failed' }, error: `the target ${posted.reason}` };
    case 'unanswered':
      return again(posted.reason, circumstances);
    default:
      return assertNever(posted);
  }
};
