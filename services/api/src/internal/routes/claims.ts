/** POST /internal/v1/claims: a worker asks for the jobs of the messages it has received. */
import {
  claimsRequestSchema,
  type claimsResponseSchema,
  type ClaimOutcome,
} from '@factorial/core/internal/protocol';
import { assertNever } from '@factorial/core/errors/assert-never';
import type { ClaimResult, JobLeases } from '@factorial/core/jobs/job-store';
import type { z } from 'zod';
import { parseBody } from '../../http/parse-request.ts';
import type { GuardedRoute } from '../../http/route.ts';
import { sendJson } from '../../http/send-json.ts';
import { requirePool, requireWorker } from '../speaks-for.ts';

const toOutcome = (claim: ClaimResult): ClaimOutcome => {
  switch (claim.kind) {
    case 'ok': {
      const { id, attempt, token, task, input, runTimeoutMs, traceparent } = claim;
      const trace = traceparent === undefined ? {} : { traceparent };
      return {
        outcome: 'ok',
        id,
        attempt,
        token,
        task,
        input,
        runTimeoutSeconds: runTimeoutMs / 1_000,
        ...trace,
      };
    }
    case 'busy':
      return { outcome: 'busy', retryAfterMs: claim.retryAfterMs };
    case 'terminal':
    case 'gone':
    case 'paused':
      return { outcome: claim.kind };
    default:
      return assertNever(claim);
  }
};

export const createClaimRoutes = (leases: JobLeases): GuardedRoute[] => [
  {
    method: 'post',
    path: '/internal/v1/claims',
    scope: 'worker',
    body: 'json',
    handle: async ({ req, res, caller }) => {
      const { worker, pool, deliveries } = parseBody(claimsRequestSchema, req.body);
      requireWorker(caller, worker);
      requirePool(caller, pool);
      const results = await Promise.all(
        deliveries.map(async (delivery) => leases.claim({ ...delivery, worker, pool })),
      );
      const answer: z.output<typeof claimsResponseSchema> = { claims: results.map(toOutcome) };
      sendJson(res, 200, answer);
    },
  },
];
