/** Who a delivery is from, as Standard Webhooks has it (https://www.standardwebhooks.com): a secret an owner, a signature a key. */
import { createHmac } from 'node:crypto';

/** The owner's secret under one of the installation's keys. */
const secretOf = (key: string, owner: string): Buffer => createHmac('sha256', key).update(owner).digest();

/** The owner's secrets as receivers keep them; that of the first key first. */
export const webhookSecrets = (keys: readonly string[], owner: string): string[] =>
  keys.map((key) => `whsec_${secretOf(key, owner).toString('base64')}`);

export interface SignedMessage {
  id: string;
  /** Seconds since the epoch. */
  timestamp: number;
  body: string;
  owner: string;
}

/** A signature for each key: while keys are changed, receivers with either secret are content. */
export const signatureHeaders = (
  keys: readonly string[],
  { id, timestamp, body, owner }: SignedMessage,
): Record<string, string> => {
  const signed = `${id}.${timestamp}.${body}`;
  const sign = (key: string) => createHmac('sha256', secretOf(key, owner)).update(signed).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': keys.map((key) => `v1,${sign(key)}`).join(' '),
  };
};
