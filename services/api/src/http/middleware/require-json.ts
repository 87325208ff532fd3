/** Bodies are JSON and say so. */
import { AppError } from '@factorial/core/errors/app-error';
import type { RequestHandler } from 'express';
import express from 'express';

const jsonMediaType = /^application\/(json|[\w.-]+\+json)\s*(;|$)/i;

const requireJson: RequestHandler = (req, _res, next) => {
  if (!jsonMediaType.test(req.headers['content-type'] ?? '')) {
    throw new AppError('unsupported-media-type', 'Send the body as application/json.');
  }
  next();
};

/** Checks the media type, then reads the body up to the limit. */
export const createJsonBody = (limitBytes: number): RequestHandler[] => [
  requireJson,
  express.json({ limit: limitBytes, strict: false, type: () => true }),
];
