import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { signatureHeaders, webhookSecrets } from './signature.ts';

const newKey = 'the-newest-key-of-this-installation';
const oldKey = 'the-key-that-is-about-to-be-let-go!';
const body = '{"type":"job.done","data":{"ä":"…"}}';
const message = { id: '3f2a9c1d-1', body, owner: 'ann' };
const now = () => Math.floor(Date.now() / 1_000);
const signed = (keys: readonly string[], changes = {}) =>
  signatureHeaders(keys, { ...message, timestamp: now(), ...changes });

test('the reference library verifies what is signed', () => {
  const [secret = ''] = webhookSecrets([newKey], 'ann');
  expect(new Webhook(secret).verify(body, signed([newKey]))).toEqual(JSON.parse(body));
});

test('during a rotation each of the two secrets is good, and a third is not', () => {
  const headers = signed([newKey, oldKey]);
  const secrets = webhookSecrets([newKey, oldKey], 'ann');
  expect(secrets).toHaveLength(2);
  for (const secret of secrets) expect(new Webhook(secret).verify(body, headers)).toBeTruthy();
  const [other = ''] = webhookSecrets(['a-key-that-nobody-has-ever-heard-of'], 'ann');
  expect(() => new Webhook(other).verify(body, headers)).toThrow('No matching signature');
  // After it, the old secret is good no more.
  expect(() => new Webhook(secrets[1] ?? '').verify(body, signed([newKey]))).toThrow('No matching signature');
});

test('a secret is for one owner', () => {
  const [secret = ''] = webhookSecrets([newKey], 'bob');
  expect(() => new Webhook(secret).verify(body, signed([newKey]))).toThrow('No matching signature');
});

test.each([
  ['another body', { body: `${body} ` }],
  ['another id', { id: '3f2a9c1d-2' }],
])('%s has another signature', (_, changes) => {
  const [secret = ''] = webhookSecrets([newKey], 'ann');
  const headers = { ...signed([newKey], changes), 'webhook-id': message.id };
  expect(() => new Webhook(secret).verify(body, headers)).toThrow('No matching signature');
});

test('a message of ten minutes ago is old', () => {
  const [secret = ''] = webhookSecrets([newKey], 'ann');
  const headers = signed([newKey], { timestamp: now() - 600 });
  expect(() => new Webhook(secret).verify(body, headers)).toThrow('too old');
});

test('a secret is HMAC-SHA256 of the owner by the key', () => {
  const digest = createHmac('sha256', newKey).update('ann').digest('base64');
  expect(webhookSecrets([newKey], 'ann')).toEqual([`whsec_${digest}`]);
});
