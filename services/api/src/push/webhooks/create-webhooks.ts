/** Webhooks as the api uses them: what is checked at a submission, the secrets that owners may see, and the sender. */
import { AppError, type FieldError } from '@factorial/core/errors/app-error';
import type { Webhook } from '@factorial/core/jobs/webhook';
import type { Config } from '../../config.ts';
import { createAddressPolicy } from './allowed-addresses.ts';
import { createDeliverWebhook, type DeliverWebhookDeps } from './deliver-webhook.ts';
import { createPostWebhook } from './post-webhook.ts';
import { createResolveName } from './resolve-name.ts';
import { webhookSecrets } from './signature.ts';
import { faultOfTarget, type ResolveName, type TargetPolicy } from './target.ts';
import { createWebhookSender, type WebhookSender } from './webhook-sender.ts';

export interface WebhookRules {
  /** What is wrong with a webhook as far as its URL tells. */
  faultsOf: (webhook: Webhook) => FieldError[];
  /** An owner's secrets, the newest first. */
  secretsOf: (owner: string) => string[];
}

type WebhookConfig = Pick<Config, 'WEBHOOK_KEYS' | 'WEBHOOK_ALLOW_HTTP' | 'WEBHOOK_ALLOWED_CIDRS'>;

const disabled = () =>
  new AppError(
    'webhooks-disabled',
    'This installation has no key to sign webhooks with (WEBHOOK_KEYS), and sends none.',
  );

const targetPolicyOf = (config: WebhookConfig): TargetPolicy => ({
  allowHttp: config.WEBHOOK_ALLOW_HTTP,
  allowsAddress: createAddressPolicy(config.WEBHOOK_ALLOWED_CIDRS ?? []),
});

/** Both throw AppError 422 `webhooks-disabled` where there are no keys. */
export const createWebhookRules = (config: WebhookConfig): WebhookRules => {
  const keys = config.WEBHOOK_KEYS;
  const policy = targetPolicyOf(config);
  return {
    faultsOf: ({ url }) => {
      if (keys === undefined) throw disabled();
      const fault = faultOfTarget(url, policy);
      return fault === undefined ? [] : [{ pointer: '/webhook/url', detail: fault }];
    },
    secretsOf: (owner) => {
      if (keys === undefined) throw disabled();
      return webhookSecrets(keys, owner);
    },
  };
};

export interface WebhookServiceDeps extends Omit<DeliverWebhookDeps, 'keys' | 'post'> {
  config: WebhookConfig;
  resolve?: ResolveName;
}

/** @returns undefined where there are no keys. */
export const createWebhooks = (deps: WebhookServiceDeps): WebhookSender | undefined => {
  const { config, resolve = createResolveName() } = deps;
  const keys = config.WEBHOOK_KEYS;
  if (keys === undefined) return undefined;
  const post = createPostWebhook({ policy: targetPolicyOf(config), resolve });
  return createWebhookSender({ ...deps, deliver: createDeliverWebhook({ ...deps, keys, post }) });
};
