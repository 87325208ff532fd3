import { request } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { createTestWorker, type TestWorker } from '../../testing/test-worker.ts';

let test: TestApi;
let worker: TestWorker;
let token: string;
let id: string;
const digits = '0123456789'.repeat(500);

beforeAll(async () => {
  test = await startTestApi({ env: { OUTPUT_LIMIT_BYTES: '65536' } });
  worker = createTestWorker(test.askInternal);
  token = await test.clientToken('ann', 'jobs:read', 'jobs:write');
  await worker.announce();
  id = await submitted();
  await worker.done(await worker.claim(id), digits);
});
afterAll(async () => test.close());

const submitted = async (): Promise<string> => (await test.ask('/factorial?no=5')).text;

/** A client that unpacks nothing by itself. */
const read = async (headers: Record<string, string> = {}, job = id) =>
  new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; bytes: Buffer }>(
    (resolve, reject) => {
      const url = `${test.publicUrl}/v1/jobs/${job}/output`;
      const sent = request(url, { headers: { authorization: `Bearer ${token}`, ...headers } }, (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () =>
          resolve({ status: res.statusCode, headers: res.headers, bytes: Buffer.concat(chunks) }),
        );
      });
      sent.on('error', reject).end();
    },
  );

describe('GET /v1/jobs/{id}/output', () => {
  it('gives the bytes with their media type', async () => {
    const { status, headers, bytes } = await read();
    expect([status, headers['content-type'], bytes.toString()]).toEqual([200, 'text/plain', digits]);
    expect(headers['content-encoding']).toBeUndefined();
  });

  it('is of no origin and runs nothing where it is a page and a browser opens it', async () => {
    const evil = await submitted();
    await worker.done(await worker.claim(evil), '<script>alert(1)</script>', 'text/html');
    const { headers } = await read({}, evil);
    expect(headers['content-type']).toBe('text/html');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(String(headers['content-security-policy']).split(';')).toEqual(
      expect.arrayContaining(["default-src 'none'", 'sandbox']),
    );
  });

  it('gives them as they are stored when the client takes gzip, under another tag', async () => {
    const packed = await read({ 'accept-encoding': 'br;q=1, gzip;q=0.5' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.bytes.length).toBeLessThan(digits.length / 2);
    expect(gunzipSync(packed.bytes).toString()).toBe(digits);
    expect(packed.headers['etag']).not.toBe((await read()).headers['etag']);
    expect((await read({ 'accept-encoding': 'gzip;q=0' })).headers['content-encoding']).toBeUndefined();
  });

  it('gives a part when a range is asked for', async () => {
    for (const [range, expected, contentRange] of [
      ['bytes=3-6', '3456', 'bytes 3-6/5000'],
      ['bytes=-2', '89', 'bytes 4998-4999/5000'],
      ['bytes=4999-9999', '9', 'bytes 4999-4999/5000'],
    ]) {
      const { status, headers, bytes } = await read({ range: range ?? '', 'accept-encoding': 'gzip' });
      expect([status, bytes.toString(), headers['content-range']]).toEqual([206, expected, contentRange]);
    }
  });

  it('gives the whole when the range is unintelligible, manifold, or of another version', async () => {
    expect((await read({ range: 'lines=1-2' })).status).toBe(200);
    expect((await read({ range: 'bytes=0-1,3-4' })).status).toBe(200);
    expect((await read({ range: 'bytes=0-1', 'if-range': '"old"' })).status).toBe(200);
  });

  it('answers 416 with the size when the range lies outside', async () => {
    const { status, headers } = await read({ range: 'bytes=5000-' });
    expect([status, headers['content-range']]).toEqual([416, 'bytes */5000']);
  });

  it('answers 304 when the client has it', async () => {
    const { headers } = await read();
    expect((await read({ 'if-none-match': String(headers['etag']) })).status).toBe(304);
  });

  it('answers 409 when the job is not done', async () => {
    const answer = await test.ask(`/v1/jobs/${await submitted()}/output`);
    expect([answer.status, answer.body]).toMatchObject([
      409,
      { code: 'output-not-ready', jobStatus: 'queued' },
    ]);
  });
});

describe('PUT /internal/v1/jobs/{id}/output', () => {
  const upload = async (
    claimed: { id: string; attempt: number; token: string },
    raw: Buffer,
    headers: Record<string, string>,
  ) =>
    test.askInternal(`/internal/v1/jobs/${claimed.id}/output?attempt=${claimed.attempt}`, {
      method: 'PUT',
      raw: Uint8Array.from(raw),
      headers: { 'x-attempt-token': claimed.token, ...headers },
    });
  const finish = async (claimed: object) =>
    (
      await test.askInternal('/internal/v1/outcomes', {
        json: { outcomes: [{ ...claimed, result: 'done-uploaded' }] },
      })
    ).body;

  it.each([
    ['gzip', (bytes: Buffer) => gzipSync(bytes), { 'content-encoding': 'gzip' }],
    ['plain', (bytes: Buffer) => bytes, {}],
  ])('keeps a %s output that its outcome then refers to', async (_name, pack, headers) => {
    const claimed = await worker.claim(await submitted());
    const bytes = Buffer.from(Array.from({ length: 30_000 }, (_, index) => index % 251));
    const answer = await upload(claimed, pack(bytes), { 'content-type': 'application/x-model', ...headers });
    expect([answer.status, answer.body]).toEqual([200, { answer: 'ok' }]);
    expect(await finish(claimed)).toEqual({ answers: ['ok'] });
    const output = await read({}, claimed.id);
    expect(output.headers['content-type']).toBe('application/x-model');
    expect(output.bytes.equals(bytes)).toBe(true);
  });

  it('refuses what is too large, packed or not, and what is no gzip', async () => {
    const claimed = await worker.claim(await submitted());
    expect((await upload(claimed, Buffer.alloc(65_537), { 'content-type': 'a/b' })).status).toBe(413);
    const bomb = await upload(claimed, gzipSync(Buffer.alloc(1_000_000)), {
      'content-type': 'a/b',
      'content-encoding': 'gzip',
    });
    expect(bomb.status).toBe(413);
    const broken = await upload(claimed, Buffer.from('not gzip'), {
      'content-type': 'a/b',
      'content-encoding': 'gzip',
    });
    expect([broken.status, broken.body]).toMatchObject([400, { code: 'invalid-request' }]);
  });

  it('refuses an attempt that does not hold the job', async () => {
    const claimed = await worker.claim(await submitted());
    const wrong = await upload({ ...claimed, token: 'guessed' }, Buffer.from('x'), { 'content-type': 'a/b' });
    expect([wrong.status, wrong.body]).toMatchObject([409, { code: 'stale-attempt' }]);
    const missing = await test.askInternal(`/internal/v1/jobs/${claimed.id}/output?attempt=1`, {
      method: 'PUT',
      raw: 'x',
    });
    expect(missing.status).toBe(400);
  });
});
