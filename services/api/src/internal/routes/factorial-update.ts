/**
 * POST /factorial/update: the whole protocol of the article's own kind of worker, which consumes, computes, and posts its result. It is
 * for such workers alone, whose tokens are made with the shared key; those with service accounts claim their jobs.
 */
import { AppError } from '@factorial/core/errors/app-error';
import { assertNever } from '@factorial/core/errors/assert-never';
import type { OutcomeAnswer } from '@factorial/core/internal/protocol';
import type { JobIntake, JobLeases } from '@factorial/core/jobs/job-store';
import type { Response } from 'express';
import { z } from 'zod';
import { parseBody } from '../../http/parse-request.ts';
import type { GuardedRoute } from '../../http/route.ts';
import { encodeValue } from '../encode-output.ts';
import { requireUnbound } from '../speaks-for.ts';

/** JSON.parse has rounded a number of more digits already: storing it would corrupt a result without a word. */
const keptItsDigits = (output: unknown): boolean =>
  typeof output !== 'number' || !Number.isInteger(output) || Number.isSafeInteger(output);

const updateSchema = z.object({
  id: z.string().min(1).max(128),
  status: z.enum(['done', 'failed']),
  output: z
    .unknown()
    .refine(
      (output) => output === undefined || (keptItsDigits(output) && output !== Infinity),
      'a number this large has to be sent as a string',
    ),
});
type Update = z.output<typeof updateSchema>;

/** As long as any other worker's error. */
const longestMessage = 4_000;

export interface FactorialUpdateDeps {
  leases: JobLeases;
  intake: JobIntake;
}

const settle = async (leases: JobLeases, { id, status, output }: Update): Promise<OutcomeAnswer> => {
  const text = typeof output === 'string' ? output : undefined;
  if (status === 'failed')
    return leases.settle(id, {
      status,
      message: (text ?? JSON.stringify(output ?? 'failed')).slice(0, longestMessage),
    });
  const mediaType = text === undefined ? 'application/json' : 'text/plain; charset=utf-8';
  return leases.settle(id, { status, output: await encodeValue(output, mediaType) });
};

const absent = async (intake: JobIntake, id: string): Promise<AppError> => {
  const found = await intake.find(id);
  return found.kind === 'tombstone'
    ? new AppError('job-expired', 'The job has expired or was deleted.')
    : new AppError('job-not-found', 'There is no job of this id.');
};

const respond = async (
  res: Response,
  answer: OutcomeAnswer,
  absence: () => Promise<AppError>,
): Promise<void> => {
  switch (answer) {
    case 'ok':
    case 'same':
      res.statusCode = 200;
      res.setHeader('content-type', 'text/plain; charset=utf-8');
      res.end('OK');
      return;
    case 'stale':
      throw new AppError(
        'stale-attempt',
        'Another worker holds this job, or it has ended with another result.',
      );
    case 'gone':
      throw await absence();
    default:
      assertNever(answer);
  }
};

export const createFactorialUpdateRoutes = ({ leases, intake }: FactorialUpdateDeps): GuardedRoute[] => [
  {
    method: 'post',
    path: '/factorial/update',
    scope: 'worker',
    body: 'json',
    handle: async ({ req, res, caller }) => {
      // This way asks for no attempt's token: one pod that was taken over could end every waiting job of its pool.
      requireUnbound(caller);
      const update = parseBody(updateSchema, req.body);
      await respond(res, await settle(leases, update), async () => absent(intake, update.id));
    },
  },
];
