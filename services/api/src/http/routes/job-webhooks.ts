/** /v1/jobs/{id}/webhooks: what a job's webhook was told, attempt by attempt, and telling it again. */
import { AppError } from '@factorial/core/errors/app-error';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import {
  type DeliveryAttempt,
  deliveryStatuses,
  type WebhookDeliveries,
  type WebhookDelivery,
  webhookEvents,
} from '@factorial/core/jobs/webhook';
import { z } from 'zod';
import type { JobService } from '../../jobs/job-service.ts';
import type { GuardedExchange, GuardedRoute, ParameterDoc } from '../route.ts';
import { sendJson } from '../send-json.ts';
import { idParameter, jobIdOf } from './job.ts';

const time = z.iso.datetime();

export const webhookDeliverySchema = z
  .object({
    id: z.string().describe('The `webhook-id` of every attempt.'),
    event: z.enum(webhookEvents),
    url: z.string(),
    status: z.enum(deliveryStatuses),
    attempts: z
      .array(
        z.object({
          at: time,
          status: z.int().optional().describe('What the target answered.'),
          error: z.string().optional().describe('Why it did not count as delivered.'),
          durationMs: z.number(),
        }),
      )
      .describe('The newest 20, oldest first.'),
    nextAttemptAt: time.optional().describe('Absent when there will be none.'),
  })
  .describe('Something that happened to a job, told to its webhook.');
type WebhookDeliveryView = z.output<typeof webhookDeliverySchema>;

export const webhookDeliveryListSchema = z.object({ deliveries: z.array(webhookDeliverySchema) });

export interface JobWebhookRoutesDeps {
  jobs: JobService;
  webhooks: Pick<WebhookDeliveries, 'list' | 'replay'>;
  /** @throws AppError 422 `webhooks-disabled`. */
  webhookSecrets: (owner: string) => string[];
}

const toTime = (ms: number): string => new Date(ms).toISOString();

const toAttempt = ({ at, ...attempt }: DeliveryAttempt) => ({ at: toTime(at), ...attempt });

const toView = ({ webhook }: JobRecord, delivery: WebhookDelivery): WebhookDeliveryView => ({
  id: delivery.id,
  event: delivery.event,
  url: webhook?.url ?? '',
  status: delivery.status,
  attempts: delivery.attempts.map(toAttempt),
  ...(delivery.nextAttemptAt === undefined ? {} : { nextAttemptAt: toTime(delivery.nextAttemptAt) }),
});

const list =
  ({ jobs, webhooks }: JobWebhookRoutesDeps) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const job = await jobs.find(caller, jobIdOf(req));
    const deliveries = await webhooks.list(job.id);
    sendJson(res, 200, { deliveries: deliveries.map((delivery) => toView(job, delivery)) });
  };

const notFound = () =>
  new AppError('webhook-delivery-not-found', "There is no delivery of this id among the job's.");

const replay =
  ({ jobs, webhooks, webhookSecrets }: JobWebhookRoutesDeps) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const job = await jobs.find(caller, jobIdOf(req));
    webhookSecrets(job.owner);
    const wanted = String(req.params['deliveryId']);
    const belongs = (await webhooks.list(job.id)).some(({ id }) => id === wanted);
    if (!belongs || !(await webhooks.replay(wanted))) throw notFound();
    const queued = (await webhooks.list(job.id)).find(({ id }) => id === wanted);
    if (queued === undefined) throw notFound();
    sendJson(res, 202, toView(job, queued));
  };

const deliveryParameter: ParameterDoc = {
  name: 'deliveryId',
  in: 'path',
  required: true,
  description: "The delivery's id.",
};

export const createJobWebhookRoutes = (deps: JobWebhookRoutesDeps): GuardedRoute[] => [
  {
    method: 'get',
    path: '/v1/jobs/:id/webhooks',
    scope: 'jobs:read',
    handle: list(deps),
    doc: {
      summary: "What a job's webhook was told, and what came of it",
      parameters: [idParameter],
      responses: { 200: { description: 'Its deliveries, oldest first.', schema: 'WebhookDeliveryList' } },
    },
  },
  {
    method: 'post',
    path: '/v1/jobs/:id/webhooks/:deliveryId/replay',
    scope: 'jobs:write',
    handle: replay(deps),
    doc: {
      summary: 'Deliver again, now, under the same webhook-id',
      parameters: [idParameter, deliveryParameter],
      responses: { 202: { description: 'The delivery, due now.', schema: 'WebhookDelivery' } },
    },
  },
];
