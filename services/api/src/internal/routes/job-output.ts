/** PUT /internal/v1/jobs/{id}/output?attempt=n: takes a large output before its attempt is completed. */
import { AppError } from '@factorial/core/errors/app-error';
import { attemptRefSchema } from '@factorial/core/internal/protocol';
import type { JobOutputs, StoredOutput } from '@factorial/core/jobs/job-store';
import type { Request } from 'express';
import { z } from 'zod';
import { parseParameters } from '../../http/parse-request.ts';
import type { GuardedExchange, GuardedRoute } from '../../http/route.ts';
import { sendJson } from '../../http/send-json.ts';
import { encodeBytes, encodeGzip } from '../encode-output.ts';
import { readBody } from '../read-body.ts';

const attemptTokenHeader = 'x-attempt-token';

const uploadSchema = attemptRefSchema.extend({ attempt: z.coerce.number().int().positive() });

const attemptOf = (req: Request) =>
  parseParameters(uploadSchema, {
    id: req.params['id'],
    attempt: req.query['attempt'],
    token: req.headers[attemptTokenHeader],
  });

const encode = async (req: Request, limitBytes: number): Promise<StoredOutput> => {
  const mediaType = req.headers['content-type'] ?? '';
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new AppError('unsupported-media-type', 'The content encoding of an output is gzip or none.');
  }
  const body = await readBody(req, limitBytes);
  return encoding === 'gzip' ? encodeGzip(body, { mediaType, limitBytes }) : encodeBytes(body, mediaType);
};

const upload =
  (outputs: JobOutputs, limitBytes: number) =>
  async ({ req, res }: GuardedExchange): Promise<void> => {
    const attempt = attemptOf(req);
    const answer = await outputs.stage(attempt, await encode(req, limitBytes));
    if (answer === 'gone') throw new AppError('job-not-found', 'There is no such job any more.');
    if (answer === 'stale')
      throw new AppError('stale-attempt', `Attempt ${attempt.attempt} no longer holds this job.`);
    sendJson(res, 200, { answer });
  };

export const createOutputUploadRoutes = (outputs: JobOutputs, limitBytes: number): GuardedRoute[] => [
  {
    method: 'put',
    path: '/internal/v1/jobs/:id/output',
    scope: 'worker',
    body: 'stream',
    handle: upload(outputs, limitBytes),
  },
];
