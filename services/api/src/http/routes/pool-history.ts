/** GET /v1/pools/{pool}/history: how a pool was doing, for plots. */
import { type ScalerStatement, scalerStatementSchema } from '@factorial/core/internal/protocol';
import type { Clock } from '@factorial/core/time/clock';
import type { PoolSample } from '@factorial/core/workers/pool-history';
import { z } from 'zod';
import { showHistory } from '../../jobs/pool-history-view.ts';
import { parseParameters } from '../parse-request.ts';
import type { GuardedRoute } from '../route.ts';
import { sendJson } from '../send-json.ts';
import { poolParameter, requireKnownPool } from './pools.ts';

const count = z.int().nonnegative();

export const poolHistorySchema = z
  .object({
    pool: z.string(),
    stepSeconds: z
      .number()
      .describe('From one sample to the next; where one is missing nobody could take it.'),
    samples: z
      .array(
        z.object({
          at: z.iso.datetime(),
          waiting: count.describe('Jobs that wait.'),
          processing: count.describe('Jobs that run.'),
          busy: count.describe('Workers with a job.'),
          idle: count.describe('Workers without one.'),
          draining: count.describe('Workers that take no further job.'),
          replicas: count.optional().describe('Workers that the scaler wants; absent while it holds.'),
          scaler: scalerStatementSchema
            .omit({ replicas: true })
            .optional()
            .describe('What the scaler says from this sample on; absent where it says what it said before.'),
        }),
      )
      .describe('Oldest first, at most some 360.'),
  })
  .describe("A pool's last minutes.");
type SampleView = z.output<typeof poolHistorySchema>['samples'][number];

const querySchema = z.strictObject({
  minutes: z
    .string()
    .regex(/^(?:[1-9]|[1-5]\d|60)$/, 'has to be a whole number from 1 to 60')
    .default('60')
    .transform(Number),
});

export interface PoolHistoryRouteDeps {
  knownPools: () => Promise<string[]>;
  readHistory: (pool: string) => Promise<PoolSample[]>;
  clock: Clock;
}

/** The number it wants is the sample's own. */
const toStatement = ({ replicas: _replicas, ...statement }: ScalerStatement) => statement;

const toView = ({ atMs, scaler, ...sample }: PoolSample): SampleView => ({
  at: new Date(atMs).toISOString(),
  ...sample,
  ...(scaler === undefined ? {} : { scaler: toStatement(scaler) }),
});

export const createPoolHistoryRoutes = (deps: PoolHistoryRouteDeps): GuardedRoute[] => [
  {
    method: 'get',
    path: '/v1/pools/:pool/history',
    scope: 'jobs:read',
    handle: async ({ req, res }) => {
      const { minutes } = parseParameters(querySchema, req.query);
      const pool = await requireKnownPool(deps.knownPools, String(req.params['pool']));
      const window = { nowMs: deps.clock.now(), lengthMs: minutes * 60_000 };
      const { stepMs, samples } = showHistory(await deps.readHistory(pool), window);
      sendJson(res, 200, { pool, stepSeconds: stepMs / 1_000, samples: samples.map(toView) });
    },
    doc: {
      summary: 'How a pool was doing in the last hour: what waits and runs, who works, why the scaler scaled',
      parameters: [
        poolParameter,
        {
          name: 'minutes',
          in: 'query',
          description: 'How far back, 60 at most.',
          schema: { type: 'integer', minimum: 1, maximum: 60, default: 60 },
        },
      ],
      responses: { 200: { description: 'Its samples.', schema: 'PoolHistory' } },
    },
  },
];
