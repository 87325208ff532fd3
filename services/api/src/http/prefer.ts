/** The header `Prefer: wait=n` (RFC 7240): how long a client would like us to hold the answer back. */
import type { Request, Response } from 'express';
import { markWaiting } from './middleware/request-context.ts';

export const longestWaitSeconds = 60;

/** @returns seconds from 1 to 60; undefined when there is no such preference. */
const preferredWaitSeconds = (req: Request): number | undefined => {
  const header = req.headers['prefer'];
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const seconds = Number(/(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:[,;]|$)/i.exec(text)?.[1] ?? 0);
  return seconds > 0 ? Math.min(seconds, longestWaitSeconds) : undefined;
};

/** Waits as the client prefers, and says so in the answer. A client that leaves ends the wait. */
export const waitAsPreferred = async (
  { req, res }: { req: Request; res: Response },
  wait: (ms: number, signal: AbortSignal) => Promise<void>,
): Promise<boolean> => {
  const seconds = preferredWaitSeconds(req);
  if (seconds === undefined) return false;
  markWaiting(res);
  res.setHeader('preference-applied', `wait=${seconds}`);
  const left = new AbortController();
  const leave = () => left.abort();
  res.once('close', leave);
  await wait(seconds * 1_000, left.signal);
  res.off('close', leave);
  return true;
};
