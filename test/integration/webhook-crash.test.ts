import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import {
  answering,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../services/api/src/testing/webhook-receiver.ts';

let system: System;
let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startWebhookReceiver();
  system = await startSystem({
    workers: 1,
    apis: 2,
    apiEnv: {
      WEBHOOK_KEYS: 'a-key-for-the-webhooks-of-this-test',
      WEBHOOK_ALLOW_HTTP: 'true',
      WEBHOOK_ALLOWED_CIDRS: '127.0.0.1/32',
    },
  });
});
afterAll(async () => {
  await system.stop();
  await receiver.close();
});

const submit = async (): Promise<string> => {
  const response = await fetch(`${system.apiUrl}/v1/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${system.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ task: 'factorial', input: { n: 10 }, webhook: { url: receiver.url() } }),
  });
  return z.object({ id: z.string() }).parse(await response.json()).id;
};

test('a delivery whose sender is killed before it can record it is made again, under the same id', async () => {
  receiver.answerWith(() => undefined);
  const id = await submit();
  await waitUntil(() => receiver.received.length === 1, { what: 'it is under way', timeoutMs: 15_000 });
  receiver.answerWith(answering(204));
  // Whichever of them has it.
  for (const api of system.apis) await api.kill();
  for (const api of system.apis) await api.start();
  await waitUntil(() => receiver.received.length === 2, { what: 'it is made again', timeoutMs: 45_000 });
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([`${id}-1`, `${id}-1`]);
  const [first, second] = receiver.received.map(({ body }): unknown => JSON.parse(body));
  expect(second).toEqual(first);
}, 90_000);
