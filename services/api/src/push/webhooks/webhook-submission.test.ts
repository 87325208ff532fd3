/** What a submission's webhook may be: checked before anything is queued. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestApi, type Answer, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker } from '../../testing/test-worker.ts';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi({
    env: { WEBHOOK_KEYS: 'the-newest-key-of-this-installation', WEBHOOK_ALLOW_HTTP: 'true' },
  });
  await createTestWorker(test.askInternal).announce();
});
afterAll(async () => test.close());

const job = { task: 'factorial', input: { n: 5 } };
const idOf = ({ body }: Answer): string => z.object({ id: z.string() }).parse(body).id;
const submit = async (webhook: unknown): Promise<Answer> =>
  test.ask('/v1/jobs', { json: { ...job, webhook } });

describe('a submission', () => {
  it.each([
    ['http://169.254.169.254/', '/webhook/url', /address that webhooks may not go to/],
    ['http://10.0.0.1/', '/webhook/url', /address that webhooks may not go to/],
    ['https://ann:pw@example.com/', '/webhook/url', /user or a password/],
    ['ftp://example.com/', '/webhook/url', /https:\/\/ or http:\/\//],
    ['nonsense', '/webhook/url', /has to be a URL/],
    [`https://example.com/${'x'.repeat(2_048)}`, '/webhook/url', /2048/],
  ])('with the target %s is refused with a pointer', async (url, pointer, detail) => {
    const { status, body } = await submit({ url });
    expect([status, body]).toMatchObject([
      422,
      { code: 'invalid-input', errors: [{ pointer, detail: expect.stringMatching(detail) }] },
    ]);
  });

  it.each([
    [{ url: 'https://example.com/', events: [] }, '/webhook/events'],
    [{ url: 'https://example.com/', events: ['queued'] }, '/webhook/events/0'],
    [{ url: 'https://example.com/', secret: 'x' }, '/webhook/secret'],
    [{}, '/webhook/url'],
    ['https://example.com/', '/webhook'],
  ])('with the webhook %j is refused with a pointer', async (webhook, pointer) => {
    const { status, body } = await submit(webhook);
    expect([status, body]).toMatchObject([422, { errors: [{ pointer }] }]);
  });
});

it('one of a batch that may not be fails alone', async () => {
  const webhooks = ['https://example.com/', 'http://127.0.0.1/'].map((url) => ({ ...job, webhook: { url } }));
  const { body } = await test.ask('/v1/jobs/batch', { json: { jobs: webhooks } });
  expect(body).toMatchObject({
    results: [{ status: 202 }, { status: 422, problem: { errors: [{ pointer: '/webhook/url' }] } }],
  });
});

it('an installation without keys refuses webhooks, and takes jobs without them', async () => {
  const without = await startTestApi();
  try {
    await createTestWorker(without.askInternal).announce();
    const webhook = { url: 'https://example.com/' };
    const refused = await without.ask('/v1/jobs', { json: { ...job, webhook } });
    const secrets = await without.ask('/v1/webhook-secrets');
    for (const { status, body } of [refused, secrets])
      expect([status, body]).toMatchObject([422, { code: 'webhooks-disabled' }]);
    const accepted = await without.ask('/v1/jobs', { json: job });
    expect(accepted.status).toBe(202);
    expect((await without.ask(`/v1/jobs/${idOf(accepted)}/webhooks`)).body).toEqual({ deliveries: [] });
  } finally {
    await without.close();
  }
});
