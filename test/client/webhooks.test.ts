import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../dev/brokers/free-port.ts';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createClient, type WebhookRequest } from '../../packages/client/src/index.ts';

type Received = Pick<WebhookRequest, 'body' | 'headers'>;

let system: System;
let receiver: Server;
let port: number;
const received: Received[] = [];
beforeAll(async () => {
  const take = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    received.push({ body: await text(req), headers: req.headers });
    res.writeHead(204).end();
  };
  receiver = createServer((req, res) => void take(req, res).catch(() => res.destroy()));
  port = await freePort(Math.random);
  await new Promise<void>((resolve) => receiver.listen(port, '127.0.0.1', resolve));
  const apiEnv = {
    WEBHOOK_KEYS: 'the-key-that-webhooks-are-signed-with, the-key-that-goes-when-all-have-changed',
    WEBHOOK_ALLOW_HTTP: 'true',
    WEBHOOK_ALLOWED_CIDRS: '127.0.0.1/32',
  };
  system = await startSystem({ workers: 1, apiEnv });
});
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await system.stop();
});

test('what the api sends is verified by each of the secrets it tells, and by no other', async () => {
  const client = createClient({ baseUrl: system.apiUrl, token: system.token });
  const webhook = { url: `http://127.0.0.1:${port}/hook` };
  const job = await client.run({ task: 'factorial', input: { n: 10 }, webhook });
  const [first] = await waitUntil(() => (received.length > 0 ? received : undefined), { what: 'it is told' });
  if (first === undefined) throw new Error('nothing came');
  const secrets = await client.webhookSecrets();
  expect(secrets).toHaveLength(2);
  for (const one of secrets) {
    const event = await client.verifyWebhook({ ...first, secrets: one });
    expect(event).toMatchObject({ type: 'job.done', data: { id: job.id, output: '3628800' } });
  }
  const stranger = createClient({ baseUrl: system.apiUrl, token: await system.tokenFor('stranger') });
  const foreign = client.verifyWebhook({ ...first, secrets: await stranger.webhookSecrets() });
  await expect(foreign).rejects.toMatchObject({ code: 'signature-wrong' });
});
