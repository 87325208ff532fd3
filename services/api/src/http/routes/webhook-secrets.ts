/** GET /v1/webhook-secrets: what a caller's receivers check deliveries with. */
import { z } from 'zod';
import type { GuardedRoute } from '../route.ts';
import { sendJson } from '../send-json.ts';

export const webhookSecretsSchema = z
  .object({
    secrets: z
      .array(z.string())
      .describe(
        'As Standard Webhooks has them, `whsec_…`; the newest first. A delivery is signed with each.',
      ),
  })
  .describe("What a caller's webhook deliveries are signed with.");

export interface WebhookSecretRoutesDeps {
  /** @throws AppError 422 `webhooks-disabled`. */
  webhookSecrets: (owner: string) => string[];
}

export const createWebhookSecretRoutes = ({ webhookSecrets }: WebhookSecretRoutesDeps): GuardedRoute[] => [
  {
    method: 'get',
    path: '/v1/webhook-secrets',
    scope: 'jobs:read',
    handle: ({ res, caller }) => {
      const body: z.output<typeof webhookSecretsSchema> = { secrets: webhookSecrets(caller.subject) };
      res.setHeader('cache-control', 'no-store');
      sendJson(res, 200, body);
    },
    doc: {
      summary: "The secrets that the caller's webhooks are signed with",
      responses: { 200: { description: 'The secrets, the newest first.', schema: 'WebhookSecrets' } },
    },
  },
];
