/** Webhooks through the whole api: real Redis, real targets. */
import { waitUntil } from '@factorial/core/testing/wait-until';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { webhookDeliveryListSchema } from '../../http/routes/job-webhooks.ts';
import { webhookSecretsSchema } from '../../http/routes/webhook-secrets.ts';
import { startTestApi, type Answer, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker, type TestWorker } from '../../testing/test-worker.ts';
import { answering, startWebhookReceiver, type WebhookReceiver } from '../../testing/webhook-receiver.ts';

const keys = ['the-newest-key-of-this-installation', 'the-key-that-is-about-to-be-let-go!'];

let test: TestApi;
let worker: TestWorker;
let receiver: WebhookReceiver;

beforeAll(async () => {
  test = await startTestApi({
    env: {
      WEBHOOK_KEYS: keys.join(', '),
      WEBHOOK_ALLOW_HTTP: 'true',
      WEBHOOK_ALLOWED_CIDRS: '127.0.0.1/32',
    },
  });
  worker = createTestWorker(test.askInternal);
  await worker.announce();
});
beforeEach(async () => {
  receiver = await startWebhookReceiver();
});
afterEach(async () => receiver.close());
afterAll(async () => test.close());

const submit = async (webhook: unknown, options: { token?: string; key?: string } = {}): Promise<Answer> =>
  test.ask('/v1/jobs', {
    json: { task: 'factorial', input: { n: 5 }, webhook },
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(options.key === undefined ? {} : { headers: { 'idempotency-key': options.key } }),
  });
const idOf = ({ body }: Answer): string => z.object({ id: z.string() }).parse(body).id;
const submitted = async (webhook: unknown): Promise<string> => idOf(await submit(webhook));

const deliveriesOf = async (id: string) =>
  webhookDeliveryListSchema.parse((await test.ask(`/v1/jobs/${id}/webhooks`)).body).deliveries;
const statusesOf = async (id: string): Promise<string[]> =>
  (await deliveriesOf(id)).map(({ status }) => status);
const untilStatuses = async (id: string, ...statuses: string[]) =>
  waitUntil(async () => JSON.stringify(await statusesOf(id)) === JSON.stringify(statuses), {
    what: `deliveries are ${statuses.join(', ')}`,
    timeoutMs: 10_000,
  });
const untilReceived = async (count: number) =>
  waitUntil(() => receiver.received.length >= count, { what: `${count} came`, timeoutMs: 10_000 });
/** The next attempt is due. */
const hurry = async (delivery: string) =>
  test.redis.redis.zadd(test.redis.keys.webhooksDue, 'XX', 1, delivery);

const bodySchema = z.looseObject({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.looseObject({ id: z.string(), status: z.string() }),
});
const bodiesOf = () => receiver.received.map(({ body }) => bodySchema.parse(JSON.parse(body)));

describe('a job with a webhook', () => {
  it('is told of as it goes, by messages that the reference library verifies', async () => {
    const id = await submitted({ url: receiver.url('/hook?a=b'), events: ['started', 'done'] });
    await worker.done(await worker.claim(id), '120');
    await untilStatuses(id, 'delivered', 'delivered');
    expect(
      bodiesOf()
        .map(({ type }) => type)
        .toSorted(),
    ).toEqual(['job.done', 'job.started']);
    const done = receiver.received.find(({ body }) => body.includes('"job.done"'));
    const { secrets } = webhookSecretsSchema.parse((await test.ask('/v1/webhook-secrets')).body);
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) {
      const headers = z.record(z.string(), z.string()).parse(done?.headers);
      expect(new Webhook(secret).verify(done?.body ?? '', headers)).toMatchObject({
        data: { id, status: 'done', output: '120', attempt: 1 },
      });
    }
    expect(done).toMatchObject({
      path: '/hook?a=b',
      headers: { 'content-type': 'application/json', 'webhook-id': `${id}-2` },
    });
  });

  it('shows its webhook, and is told of its ends unless it asks for more or less', async () => {
    const answer = await submit({ url: receiver.url() });
    const webhook = { url: receiver.url(), events: ['done', 'failed', 'cancelled'] };
    expect(answer.body).toMatchObject({ webhook });
    const id = idOf(answer);
    expect((await test.ask(`/v1/jobs/${id}`)).body).toMatchObject({ webhook });
    await worker.failed(await worker.claim(id), 'never');
    await untilReceived(1);
    expect(bodiesOf()).toMatchObject([
      { type: 'job.failed', data: { id, status: 'failed', error: { code: 'broken' } } },
    ]);
  });

  it('is told of a cancel, and of what comes after a retry, each under an id of its own', async () => {
    const id = await submitted({ url: receiver.url() });
    await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await untilReceived(1);
    await test.ask(`/v1/jobs/${id}/retry`, { method: 'POST' });
    await worker.done(await worker.claim(id), '120');
    await untilStatuses(id, 'delivered', 'delivered');
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([`${id}-1`, `${id}-2`]);
    expect(bodiesOf().map(({ type }) => type)).toEqual(['job.cancelled', 'job.done']);
  });

  it('has a large output not in the message, but where it is', async () => {
    const id = await submitted({ url: receiver.url() });
    await worker.done(await worker.claim(id), '7'.repeat(70_000));
    await untilReceived(1);
    expect(receiver.received[0]?.body.length).toBeLessThan(2_000);
    expect(bodiesOf()).toMatchObject([{ data: { outputBytes: 70_000, outputUrl: `/v1/jobs/${id}/output` } }]);
  });

  it('is another one for the idempotency key when its webhook is another', async () => {
    const first = await submit({ url: receiver.url() }, { key: 'k' });
    const same = await submit({ url: receiver.url() }, { key: 'k' });
    expect([idOf(same), same.headers.get('idempotency-replayed')]).toEqual([idOf(first), 'true']);
    const other = await submit({ url: receiver.url('/other') }, { key: 'k' });
    expect([other.status, other.body]).toMatchObject([422, { code: 'idempotency-key-reused' }]);
  });
});

describe('a target', () => {
  it('that is away is told when it is back', async () => {
    const { port } = receiver;
    await receiver.close();
    const id = await submitted({ url: `http://127.0.0.1:${port}/hook` });
    await worker.done(await worker.claim(id), '120');
    const [away] = await waitUntil(
      async () => {
        const deliveries = await deliveriesOf(id);
        return deliveries[0]?.attempts.length === 1 && deliveries;
      },
      { what: 'it was tried' },
    );
    expect(away).toMatchObject({
      event: 'done',
      url: `http://127.0.0.1:${port}/hook`,
      status: 'pending',
      attempts: [{ error: 'no answer (ECONNREFUSED)', durationMs: expect.any(Number) }],
      nextAttemptAt: expect.any(String),
    });
    receiver = await startWebhookReceiver(port);
    await hurry(`${id}-1`);
    await untilStatuses(id, 'delivered');
    const [back] = await deliveriesOf(id);
    expect(back?.attempts).toMatchObject([{}, { status: 204 }]);
    expect(back).not.toHaveProperty('nextAttemptAt');
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([`${id}-1`]);
  });

  it('that answers 410 is not told again, until somebody asks for it', async () => {
    receiver.answerWith(answering(410));
    const id = await submitted({ url: receiver.url() });
    await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await untilStatuses(id, 'failed');
    expect(await deliveriesOf(id)).toMatchObject([
      { attempts: [{ status: 410, error: 'the target wants no more (410)' }] },
    ]);
    receiver.answerWith(answering(200));
    const replay = await test.ask(`/v1/jobs/${id}/webhooks/${id}-1/replay`, { method: 'POST' });
    expect([replay.status, replay.body]).toMatchObject([202, { id: `${id}-1`, status: 'pending' }]);
    await untilStatuses(id, 'delivered');
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([`${id}-1`, `${id}-1`]);
  });

  it('that redirects is not followed', async () => {
    receiver.answerWith(answering(302, { location: receiver.url('/elsewhere') }));
    const id = await submitted({ url: receiver.url() });
    await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await untilReceived(1);
    await waitUntil(async () => (await deliveriesOf(id))[0]?.attempts.length === 1, {
      what: 'it is recorded',
    });
    expect((await deliveriesOf(id))[0]?.attempts).toMatchObject([
      { status: 302, error: expect.stringContaining('redirect') },
    ]);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('that asks for time with 429 is given it', async () => {
    receiver.answerWith(answering(429, { 'retry-after': '600' }));
    const id = await submitted({ url: receiver.url() });
    await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    const next = await waitUntil(
      async () => {
        const [delivery] = await deliveriesOf(id);
        return delivery?.attempts.length === 1 && delivery.nextAttemptAt;
      },
      { what: 'it is put off' },
    );
    expect(Date.parse(next) - Date.now()).toBeGreaterThan(590_000);
  });

  it('is counted, by what came of it', async () => {
    const metrics = await (await fetch(`${test.api.ops.address().url}/metrics`)).text();
    expect(metrics).toMatch(/factorial_webhook_attempts_total\{result="delivered",service="api"\} [1-9]/);
    expect(metrics).toMatch(/factorial_webhooks_due\{service="api"\} \d/);
  });
});

describe('who may see and do what', () => {
  it("somebody else's deliveries are as absent as the job, and so is replaying them", async () => {
    const id = await submitted({ url: receiver.url() });
    await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await untilStatuses(id, 'delivered');
    const token = await test.clientToken('bob', 'jobs:read', 'jobs:write');
    const listing = await test.ask(`/v1/jobs/${id}/webhooks`, { token });
    const replay = await test.ask(`/v1/jobs/${id}/webhooks/${id}-1/replay`, { token, method: 'POST' });
    for (const { status, body } of [listing, replay])
      expect([status, body]).toMatchObject([404, { code: 'job-not-found' }]);
    const reader = await test.clientToken('ann', 'jobs:read');
    const refused = await test.ask(`/v1/jobs/${id}/webhooks/${id}-1/replay`, {
      token: reader,
      method: 'POST',
    });
    expect(refused.status).toBe(403);
  });

  it('an owner has secrets of its own', async () => {
    const token = await test.clientToken('bob', 'jobs:read');
    const [anns, bobs] = await Promise.all([
      test.ask('/v1/webhook-secrets'),
      test.ask('/v1/webhook-secrets', { token }),
    ]);
    expect(anns.headers.get('cache-control')).toBe('no-store');
    expect(webhookSecretsSchema.parse(anns.body)).not.toEqual(webhookSecretsSchema.parse(bobs.body));
  });

  it("a delivery of another job, or of none, is not among the job's", async () => {
    const [one, other] = [await submitted({ url: receiver.url() }), await submitted({ url: receiver.url() })];
    for (const id of [one, other]) await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    for (const delivery of [`${other}-1`, `${one}-2`, 'x', `${one}-last`]) {
      const { status, body } = await test.ask(`/v1/jobs/${one}/webhooks/${delivery}/replay`, {
        method: 'POST',
      });
      expect([status, body]).toMatchObject([404, { code: 'webhook-delivery-not-found' }]);
    }
  });

  it('deliveries go with their job', async () => {
    const id = await submitted({ url: receiver.url() });
    await test.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await test.ask(`/v1/jobs/${id}`, { method: 'DELETE' });
    expect((await test.ask(`/v1/jobs/${id}/webhooks`)).status).toBe(410);
    expect(await test.redis.redis.exists(test.redis.keys.webhooks(id))).toBe(0);
  });
});

it('no log line holds the path or the query of a target', () => {
  const text = JSON.stringify(test.log.linesOf('webhook not delivered'));
  expect(text).toContain('127.0.0.1');
  expect(text).not.toContain('/hook');
});
