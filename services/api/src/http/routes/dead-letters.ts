/** /v1/dead-letters: an admin looks at messages that nobody could work on, sends them back, or throws them away. */
import type { Logger } from '@factorial/core/ops/logger';
import type { Request } from 'express';
import { z } from 'zod';
import { type DeadLetterDesk, type LetterSelection, whyLeft } from '../../dead-letters/dead-letter-desk.ts';
import { deadLetterViewSchema, toDeadLetterView } from '../../dead-letters/dead-letter-view.ts';
import { createPageTokens, pageQuery } from '../page-query.ts';
import { parseBody, parseParameters } from '../parse-request.ts';
import type { GuardedExchange, GuardedRoute } from '../route.ts';
import { sendJson } from '../send-json.ts';
import { requireKnownPool } from './pools.ts';

const largestPage = 100;
const defaultPage = 50;
const mostIds = 200;

const count = z.int().nonnegative();

export const deadLetterPageSchema = z.object({
  deadLetters: z.array(deadLetterViewSchema),
  nextPageToken: z.string().optional(),
  uncollected: count.describe('Letters for which there is no room in the list before others are gone.'),
});

export const redriveResultSchema = z.object({
  redriven: count.describe('Letters that are in their queues again.'),
  left: z
    .array(z.object({ id: z.string(), why: z.enum(whyLeft) }))
    .describe(
      'Those that stay: no such letter, somebody else is sending it, its body was not kept whole, the broker did not confirm, or it was not tried any more.',
    ),
  uncollected: count
    .optional()
    .describe(
      'Where all were chosen, and the broker tells: letters in it by now, for lack of room or because they died again.',
    ),
});

export const purgeResultSchema = z.object({ purged: count });

/** Nothing is chosen by leaving something out. */
export const deadLetterSelectionSchema = z
  .union([
    z.strictObject({ ids: z.array(z.string().min(1).max(200)).min(1).max(mostIds) }),
    z.strictObject({ all: z.literal(true), pool: z.string().optional() }),
  ])
  .describe('Some letters by their ids, or all, of one pool where it is named.');

const listQuerySchema = z.strictObject({
  pool: z.string().optional(),
  ...pageQuery({ largest: largestPage, usual: defaultPage }),
});

const pageTokens = createPageTokens('after');

export interface DeadLetterRoutesDeps {
  deadLetters: DeadLetterDesk;
  knownPools: () => Promise<string[]>;
  logger: Logger;
}

const poolsFor = async (
  { knownPools }: DeadLetterRoutesDeps,
  pool: string | undefined,
): Promise<readonly string[]> =>
  pool === undefined ? knownPools() : [await requireKnownPool(knownPools, pool)];

const selectionIn = async (deps: DeadLetterRoutesDeps, req: Request): Promise<LetterSelection> => {
  const selection = parseBody(deadLetterSelectionSchema, req.body);
  return 'ids' in selection ? selection : { pools: await poolsFor(deps, selection.pool) };
};

const list =
  (deps: DeadLetterRoutesDeps) =>
  async ({ req, res }: GuardedExchange): Promise<void> => {
    const { pool, pageSize, pageToken } = parseParameters(listQuerySchema, req.query);
    const after = pageTokens.placeOf(pageToken);
    const pools = await poolsFor(deps, pool);
    const { letters, next, uncollected } = await deps.deadLetters.list({ pools, limit: pageSize, after });
    const page: z.output<typeof deadLetterPageSchema> = {
      deadLetters: letters.map(toDeadLetterView),
      ...(next === undefined ? {} : { nextPageToken: pageTokens.toToken(next) }),
      uncollected,
    };
    sendJson(res, 200, page);
  };

const redrive =
  (deps: DeadLetterRoutesDeps) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const result: z.output<typeof redriveResultSchema> = await deps.deadLetters.redrive(
      await selectionIn(deps, req),
    );
    const { redriven, left } = result;
    deps.logger.info({ redriven, left: left.length, by: caller.subject }, 'dead letters redriven');
    sendJson(res, 200, result);
  };

const purge =
  (deps: DeadLetterRoutesDeps) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const purged = await deps.deadLetters.purge(await selectionIn(deps, req));
    deps.logger.info({ purged, by: caller.subject }, 'dead letters purged');
    const result: z.output<typeof purgeResultSchema> = { purged };
    sendJson(res, 200, result);
  };

const query = (name: string, description: string) => ({ name, in: 'query', description }) as const;

export const createDeadLetterRoutes = (deps: DeadLetterRoutesDeps): GuardedRoute[] => [
  {
    method: 'get',
    path: '/v1/dead-letters',
    scope: 'admin',
    handle: list(deps),
    doc: {
      summary: 'List messages that nobody could work on, the oldest first',
      parameters: [
        query('pool', 'Only those of this pool.'),
        query('pageSize', `Letters per page, ${defaultPage} unless given, at most ${largestPage}.`),
        query('pageToken', 'The nextPageToken of the page before.'),
      ],
      responses: { 200: { description: 'A page of dead letters.', schema: 'DeadLetterPage' } },
    },
  },
  {
    method: 'post',
    path: '/v1/dead-letters/redrive',
    scope: 'admin',
    body: 'json',
    handle: redrive(deps),
    doc: {
      summary: "Put dead letters into their pools' queues again",
      body: 'DeadLetterSelection',
      responses: { 200: { description: 'What became of them.', schema: 'RedriveResult' } },
    },
  },
  {
    method: 'post',
    path: '/v1/dead-letters/purge',
    scope: 'admin',
    body: 'json',
    handle: purge(deps),
    doc: {
      summary: 'Throw dead letters away',
      body: 'DeadLetterSelection',
      responses: { 200: { description: 'How many there were.', schema: 'PurgeResult' } },
    },
  },
];
