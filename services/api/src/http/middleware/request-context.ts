/** What every request gets: an id, a well-formed URL, a measured duration, and a log line when it is worth one. */
import { randomUUID } from 'node:crypto';
import type { Logger } from '@factorial/core/ops/logger';
import { AppError } from '@factorial/core/errors/app-error';
import type { Request, RequestHandler, Response } from 'express';

export interface RequestContextDeps {
  logger: Logger;
  /** Told of each answer: route pattern, status and duration in seconds. */
  observe: (answer: { route: string; status: number; seconds: number }) => void;
}

const requestIdHeader = 'x-request-id';
const saneRequestId = /^[\w.:-]{1,128}$/;
const traceparentPattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const slowSeconds = 1;
const abortedStatus = 499;
/** The connection has become another protocol's: there is no answer of ours to finish. */
const switchedStatus = 101;

export const requestIdOf = (res: Response): string => String(res.getHeader(requestIdHeader));

/** The path without its query: queries may hold what does not belong in logs and answers. */
export const pathOf = (req: Request): string => req.originalUrl.split('?', 1)[0] ?? '/';

/** The caller's W3C trace context, where it sent a well-formed one. */
export const traceparentOf = (req: Request): string | undefined => {
  const header = req.headers['traceparent'];
  return typeof header === 'string' && traceparentPattern.test(header) ? header : undefined;
};

/** Names the route for metrics: patterns are few, paths are not. */
export const nameRoute = (res: Response, pattern: string): void => {
  res.locals['route'] = pattern;
};

/** Says that this answer is late because its caller asked to wait. */
export const markWaiting = (res: Response): void => {
  res.locals['waited'] = true;
};

const isWellFormed = (url: string): boolean => {
  if (!url.includes('%')) return true;
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
};

const logLevelFor = (res: Response, status: number, seconds: number): 'info' | 'debug' => {
  const slow = seconds >= slowSeconds && res.locals['waited'] !== true;
  return status >= 400 || slow ? 'info' : 'debug';
};

interface Answered {
  req: Request;
  res: Response;
  startedMs: number;
}

const finished = (deps: RequestContextDeps, { req, res, startedMs }: Answered): void => {
  const seconds = (performance.now() - startedMs) / 1_000;
  const isAnswered = res.writableFinished || res.statusCode === switchedStatus;
  const status = isAnswered ? res.statusCode : abortedStatus;
  const route = String(res.locals['route'] ?? 'none');
  deps.observe({ route, status, seconds });
  const level = logLevelFor(res, status, seconds);
  if (!deps.logger.isLevelEnabled(level)) return;
  const fields = { requestId: requestIdOf(res), method: req.method, path: pathOf(req), status, seconds };
  deps.logger[level](fields, 'request answered');
};

export const createRequestContext =
  (deps: RequestContextDeps): RequestHandler =>
  (req, res, next) => {
    const startedMs = performance.now();
    const given = req.headers[requestIdHeader];
    res.setHeader(
      requestIdHeader,
      typeof given === 'string' && saneRequestId.test(given) ? given : randomUUID(),
    );
    res.once('close', () => finished(deps, { req, res, startedMs }));
    if (!isWellFormed(req.url)) {
      throw new AppError('invalid-request', 'The URL holds a percent sign that starts no valid encoding.');
    }
    next();
  };
