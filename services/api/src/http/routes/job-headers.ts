/** Headers that several job routes share. */
import { AppError } from '@factorial/core/errors/app-error';
import type { Request } from 'express';
import { longestWaitSeconds } from '../prefer.ts';
import type { ParameterDoc } from '../route.ts';

const longestKey = 255;

export const idempotencyKeyParameter: ParameterDoc = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'A text of your own: the same key with the same body makes one job, however often it is sent (24 h).',
};

export const preferParameter: ParameterDoc = {
  name: 'Prefer',
  in: 'header',
  description: `wait=n holds the answer until the job has ended, for n seconds at most (${longestWaitSeconds} at the longest).`,
};

/** @throws AppError 400 when there is a key that cannot be used. */
export const idempotencyKeyOf = (req: Request): string | undefined => {
  const header = req.headers['idempotency-key'];
  if (header === undefined) return undefined;
  if (typeof header === 'string' && header !== '' && header.length <= longestKey) return header;
  throw new AppError('invalid-request', `Idempotency-Key: has to have 1 to ${longestKey} characters.`, {
    errors: [{ pointer: 'Idempotency-Key', detail: `has to have 1 to ${longestKey} characters` }],
  });
};
