/** POST /internal/v1/outcomes: how attempts have ended. */
import { assertNever } from '@factorial/core/errors/assert-never';
import {
  outcomesRequestSchema,
  type outcomesResponseSchema,
  type Outcome,
  type OutcomeAnswer,
} from '@factorial/core/internal/protocol';
import type { JobLeases } from '@factorial/core/jobs/job-store';
import { retryDelayMs } from '@factorial/core/time/backoff';
import type { z } from 'zod';
import { parseBody } from '../../http/parse-request.ts';
import type { GuardedRoute } from '../../http/route.ts';
import { sendJson } from '../../http/send-json.ts';
import { encodeValue } from '../encode-output.ts';

export interface OutcomeRouteDeps {
  leases: JobLeases;
  /** In [0, 1). */
  random: () => number;
  /** Told of each outcome and its answer. */
  onOutcome: (result: Outcome['result'], answer: OutcomeAnswer) => void;
}

type Failed = Extract<Outcome, { result: 'failed' }>;

const backoff = { baseMs: 2_000, ceilingMs: 300_000 };
/** For a task that asks for a later try and does not say when. */
const defaultDelaySeconds = 30;

/** @returns undefined when another try would not help. */
const delayMsFor = (outcome: Failed, random: () => number): number | undefined => {
  switch (outcome.retry) {
    case 'never':
      return undefined;
    case 'later':
      return Math.round((outcome.delaySeconds ?? defaultDelaySeconds) * 1_000);
    case 'backoff':
      return retryDelayMs(outcome.attempt, random(), backoff);
    default:
      return assertNever(outcome.retry);
  }
};

const settle = async ({ leases, random }: OutcomeRouteDeps, outcome: Outcome): Promise<OutcomeAnswer> => {
  switch (outcome.result) {
    case 'done':
      return leases.complete(outcome, await encodeValue(outcome.output, outcome.mediaType));
    case 'done-uploaded':
      return leases.complete(outcome, 'staged');
    case 'failed':
      return leases.fail(outcome, outcome.error, delayMsFor(outcome, random));
    case 'released':
      return leases.release(outcome);
    default:
      return assertNever(outcome);
  }
};

const settleAndTell = async (deps: OutcomeRouteDeps, outcome: Outcome): Promise<OutcomeAnswer> => {
  const answer = await settle(deps, outcome);
  deps.onOutcome(outcome.result, answer);
  return answer;
};

export const createOutcomeRoutes = (deps: OutcomeRouteDeps): GuardedRoute[] => [
  {
    method: 'post',
    path: '/internal/v1/outcomes',
    scope: 'worker',
    body: 'json',
    handle: async ({ req, res }) => {
      const { outcomes } = parseBody(outcomesRequestSchema, req.body);
      // One that fails fails the batch: the worker sends it again, and what was settled answers "same".
      const answers = await Promise.all(outcomes.map(async (outcome) => settleAndTell(deps, outcome)));
      const answer: z.output<typeof outcomesResponseSchema> = { answers };
      sendJson(res, 200, answer);
    },
  },
];
