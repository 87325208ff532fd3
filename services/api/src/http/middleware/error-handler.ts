/** The one door through which errors leave: everything thrown becomes a problem document, and faults of ours are logged, once. */
import type { AppError } from '@factorial/core/errors/app-error';
import type { Logger } from '@factorial/core/ops/logger';
import type { ErrorRequestHandler, Request, Response } from 'express';
import { problemMediaType, toAppError, toProblem } from '../problem.ts';
import { pathOf, requestIdOf } from './request-context.ts';

const sendProblem = (req: Request, res: Response, error: AppError): void => {
  const { retryAfterSeconds } = error.options;
  if (retryAfterSeconds !== undefined) res.setHeader('retry-after', String(Math.ceil(retryAfterSeconds)));
  // The rest of a body that nobody reads would hold up the connection's next request.
  if (error.code === 'body-too-large') res.setHeader('connection', 'close');
  res.setHeader('cache-control', 'no-store');
  res.removeHeader('etag');
  res.statusCode = error.status;
  res.setHeader('content-type', problemMediaType);
  res.end(JSON.stringify(toProblem(error, pathOf(req))));
};

export const createErrorHandler = (logger: Logger): ErrorRequestHandler => {
  const handle: ErrorRequestHandler = (...[thrown, req, res]) => {
    const error = toAppError(thrown);
    if (error.code === 'internal-error') {
      const fields = { err: error.options.cause, requestId: requestIdOf(res), path: pathOf(req) };
      logger.error(fields, 'request failed');
    }
    // Half an answer cannot be taken back: let the client see that it is cut.
    if (res.headersSent) res.destroy();
    else sendProblem(req, res, error);
  };
  // Express knows an error handler by its four parameters, three of which are of use here.
  return Object.defineProperty(handle, 'length', { value: 4 });
};
