/** Bodies are JSON and say so. */
import { AppError } from '@factorial/core/errors/app-error';
import { isJsonMediaType } from '@factorial/core/jobs/output-bytes';
import type { RequestHandler } from 'express';
import express from 'express';
import { invalidInput } from '../../jobs/invalid-input.ts';
import { deepestJson, isDeeperThan } from '../json-depth.ts';

const requireJson: RequestHandler = (req, _res, next) => {
  if (!isJsonMediaType(req.headers['content-type'] ?? '')) {
    throw new AppError('unsupported-media-type', 'Send the body as application/json.');
  }
  next();
};

const refuseDeep: RequestHandler = (req, _res, next) => {
  if (!isDeeperThan(req.body, deepestJson)) {
    next();
    return;
  }
  const detail = `may be nested ${deepestJson} deep at the most`;
  throw invalidInput([{ pointer: '', detail }]);
};

/** Checks the media type, then reads the body up to the limit. */
export const createJsonBody = (limitBytes: number): RequestHandler[] => [
  requireJson,
  express.json({ limit: limitBytes, strict: false, type: () => true }),
  refuseDeep,
];
