/** POST /v1/pools/{pool}/pause and /resume: an operator holds a pool, and lets it go on. */
import { AppError } from '@factorial/core/errors/app-error';
import type { Logger } from '@factorial/core/ops/logger';
import type { PoolPauses } from '@factorial/core/workers/pool-pauses';
import { z } from 'zod';
import type { GuardedExchange, GuardedRoute, ParameterDoc } from '../route.ts';
import { sendJson } from '../send-json.ts';

export const poolStateSchema = z
  .object({
    pool: z.string(),
    paused: z.boolean(),
    pausedSince: z.iso.datetime().optional().describe('Absent where it is not paused.'),
  })
  .describe('Whether a pool starts jobs.');
type PoolState = z.output<typeof poolStateSchema>;

export interface PoolRoutesDeps {
  /** Those that have ever had a task, a job or a worker. */
  knownPools: () => Promise<string[]>;
  pauses: PoolPauses;
  logger: Logger;
}

/** @throws AppError 404 that names the pools there are. */
export const requireKnownPool = async (
  knownPools: PoolRoutesDeps['knownPools'],
  pool: string,
): Promise<string> => {
  const known = await knownPools();
  if (known.includes(pool)) return pool;
  throw new AppError('pool-not-found', `There is no pool of the name ${JSON.stringify(pool.slice(0, 63))}.`, {
    extensions: { knownPools: known },
  });
};

export const poolParameter: ParameterDoc = {
  name: 'pool',
  in: 'path',
  required: true,
  description: "The pool's name, as GET /v1/queue shows it.",
};

const pause = async ({ pauses }: PoolRoutesDeps, pool: string): Promise<PoolState> => ({
  pool,
  paused: true,
  pausedSince: new Date(await pauses.pause(pool)).toISOString(),
});

const resume = async ({ pauses }: PoolRoutesDeps, pool: string): Promise<PoolState> => {
  await pauses.resume(pool);
  return { pool, paused: false };
};

/** Who did it is in the log: jobs that wait ask for an explanation. */
const changing =
  (deps: PoolRoutesDeps, change: typeof pause | typeof resume) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const pool = await requireKnownPool(deps.knownPools, String(req.params['pool']));
    const state = await change(deps, pool);
    deps.logger.info({ ...state, by: caller.subject }, 'pool state set');
    sendJson(res, 200, state);
  };

export const createPoolRoutes = (deps: PoolRoutesDeps): GuardedRoute[] => [
  {
    method: 'post',
    path: '/v1/pools/:pool/pause',
    scope: 'admin',
    handle: changing(deps, pause),
    doc: {
      summary: 'Start no further job of a pool; those that run go on, and new ones are accepted and wait',
      parameters: [poolParameter],
      responses: { 200: { description: 'It is paused, perhaps since longer ago.', schema: 'PoolState' } },
    },
  },
  {
    method: 'post',
    path: '/v1/pools/:pool/resume',
    scope: 'admin',
    handle: changing(deps, resume),
    doc: {
      summary: 'Start jobs of a pool again',
      parameters: [poolParameter],
      responses: { 200: { description: 'It is not paused.', schema: 'PoolState' } },
    },
  },
];
