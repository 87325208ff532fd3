import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { verifyWebhook, type WebhookRequest } from './verify-webhook.ts';

const secret = `whsec_${Buffer.from('a key of thirty-two bytes length').toString('base64')}`;
const other = `whsec_${Buffer.from('another key, of a later rotation').toString('base64')}`;
const at = new Date('2025-06-01T12:00:00Z');
const body = JSON.stringify({
  type: 'job.done',
  timestamp: at.toISOString(),
  data: { id: 'j1', status: 'done', word: 'ä' },
});

const sign = (key: string, text = body): string => new Webhook(key).sign('msg_1', at, text);

const signedHeaders = (): Record<string, string> => ({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(at.getTime() / 1_000),
  'webhook-signature': sign(secret),
});

const received = (
  more: Partial<WebhookRequest> = {},
  headers: Record<string, string> = {},
): WebhookRequest => ({
  body,
  headers: { ...signedHeaders(), ...headers },
  secrets: secret,
  nowMs: at.getTime(),
  ...more,
});

describe('a webhook that the reference library signed', () => {
  it('is taken, as text, as bytes and with the headers of fetch', async () => {
    expect(await verifyWebhook(received())).toMatchObject({
      id: 'msg_1',
      type: 'job.done',
      data: { id: 'j1' },
    });
    expect(await verifyWebhook(received({ body: Buffer.from(body) }))).toMatchObject({ type: 'job.done' });
    const asFetch = new Headers(signedHeaders());
    expect(await verifyWebhook(received({ headers: asFetch }))).toMatchObject({ type: 'job.done' });
  });

  it('is taken when one of several signatures fits one of several secrets', async () => {
    const both = { 'webhook-signature': `v1,AAAA v1a,xyz v2,${sign(other)} ${sign(other)} ${sign(secret)}` };
    expect(await verifyWebhook(received({}, both))).toMatchObject({ id: 'msg_1' });
    expect(await verifyWebhook(received({ secrets: [other] }, both))).toMatchObject({ id: 'msg_1' });
    expect(await verifyWebhook(received({ secrets: [other, secret] }))).toMatchObject({ id: 'msg_1' });
  });

  it.each([300, -300])('is taken %s s off', async (seconds) => {
    const request = received({ nowMs: at.getTime() + seconds * 1_000 });
    expect(await verifyWebhook(request)).toMatchObject({ id: 'msg_1' });
  });

  it.each<[string, Partial<WebhookRequest>, Record<string, string>, string]>([
    ['without an id', {}, { 'webhook-id': '' }, 'header-missing'],
    ['with another id', {}, { 'webhook-id': 'msg_2' }, 'signature-wrong'],
    ['with a time that is none', {}, { 'webhook-timestamp': '1e9' }, 'timestamp-invalid'],
    ['with another time', {}, { 'webhook-timestamp': String(at.getTime() / 1_000 + 1) }, 'signature-wrong'],
    ['too old', { nowMs: at.getTime() + 301_000 }, {}, 'timestamp-too-old'],
    ['from the future', { nowMs: at.getTime() - 301_000 }, {}, 'timestamp-too-new'],
    ['older than one wants', { nowMs: at.getTime() + 6_000, toleranceSeconds: 5 }, {}, 'timestamp-too-old'],
    ['changed', { body: body.replace('done', 'gone') }, {}, 'signature-wrong'],
    ['signed with another key', { secrets: other }, {}, 'signature-wrong'],
    ['without a secret', { secrets: [] }, {}, 'signature-wrong'],
    [
      'with a signature of another version',
      {},
      { 'webhook-signature': sign(secret).replace('v1', 'v2') },
      'signature-wrong',
    ],
    ['with a signature that is no base64', {}, { 'webhook-signature': 'v1,%%%' }, 'signature-wrong'],
    ['with a secret that is no base64', { secrets: 'whsec_%%%' }, {}, 'secret-invalid'],
    ['with an empty secret', { secrets: '' }, {}, 'secret-invalid'],
    ['that holds no JSON', { body: 'x' }, { 'webhook-signature': sign(secret, 'x') }, 'body-invalid'],
  ])('is refused %s', async (...[, more, headers, code]) => {
    await expect(verifyWebhook(received(more, headers))).rejects.toMatchObject({
      name: 'WebhookVerificationError',
      code,
    });
  });
});
