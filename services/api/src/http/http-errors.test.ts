import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import { createTestWorker } from '../testing/test-worker.ts';

let test: TestApi;

beforeAll(async () => {
  test = await startTestApi({ env: { BODY_LIMIT_BYTES: '2048' } });
  await createTestWorker(test.askInternal).announce();
});
afterAll(async () => test.close());

const job = { task: 'factorial', input: { n: 1 } };

/** For requests that no HTTP client would send. */
const askRaw = async (head: string): Promise<string> => {
  const socket = connect(test.api.publicServer.port(), '127.0.0.1');
  socket.end(`${head}\r\nhost: x\r\nconnection: close\r\n\r\n`);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
};

describe('a problem', () => {
  it('is a whole problem document when anything goes wrong', async () => {
    const answer = await test.ask('/v1/jobs/none?x=1');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: '/docs/errors#job-not-found',
      title: 'No such job',
      status: 404,
      detail: expect.stringContaining('no job of this id'),
      instance: '/v1/jobs/none',
      code: 'job-not-found',
    });
  });

  it('has a type that leads to its explanation', async () => {
    const page = await test.ask('/docs/errors', { token: '' });
    expect(page.text).toContain('id="job-not-found"');
    expect(page.headers.get('content-type')).toContain('text/html');
  });

  it.each<{ what: string; raw: string; headers?: Record<string, string>; status: number; code: string }>([
    { what: 'malformed JSON', raw: '{"task":', status: 400, code: 'invalid-json' },
    { what: 'nothing', raw: '', status: 422, code: 'invalid-input' },
    { what: 'an array', raw: '[]', status: 422, code: 'invalid-input' },
    { what: 'null', raw: 'null', status: 422, code: 'invalid-input' },
    { what: 'over the limit', raw: `{"x":"${'x'.repeat(2_048)}"}`, status: 413, code: 'body-too-large' },
    {
      what: 'of another media type',
      raw: 'task=factorial',
      headers: { 'content-type': 'text/plain' },
      status: 415,
      code: 'unsupported-media-type',
    },
    {
      what: 'in an unknown encoding',
      raw: 'x',
      headers: { 'content-encoding': 'zstd7' },
      status: 415,
      code: 'unsupported-media-type',
    },
    {
      what: 'in an unknown charset',
      raw: '{}',
      headers: { 'content-type': 'application/json; charset=klingon' },
      status: 415,
      code: 'unsupported-media-type',
    },
  ])('says what is wrong with a body that is $what', async ({ raw, headers, status, code }) => {
    const answer = await test.ask('/v1/jobs', {
      method: 'POST',
      raw,
      headers: { 'content-type': 'application/json', ...headers },
    });
    expect([answer.status, answer.body]).toMatchObject([status, { code }]);
  });

  it.each(['/v1/jobs/%zz', '/v1/jobs?label=%', '/%c3%28/x'])(
    'answers 400 when the URL is broken: %s',
    async (path) => {
      expect(await askRaw(`GET ${path} HTTP/1.1`)).toMatch(/^HTTP\/1\.1 400 [^]*"code":"invalid-request"/);
    },
  );
});

describe('methods', () => {
  it.each([
    ['PATCH', '/v1/jobs', 'POST, GET, HEAD, OPTIONS'],
    ['PUT', '/v1/jobs/x', 'GET, DELETE, HEAD, OPTIONS'],
    ['POST', '/factorial', 'GET, HEAD, OPTIONS'],
    ['GET', '/v1/jobs/x/cancel', 'POST, OPTIONS'],
  ])('answers 405 and what is allowed when %s is tried on %s', async (method, path, allow) => {
    const answer = await test.ask(path, { method, token: '' });
    expect([answer.status, answer.headers.get('allow'), answer.body]).toMatchObject([
      405,
      allow,
      { code: 'method-not-allowed' },
    ]);
  });

  it('tells the methods when asked with OPTIONS', async () => {
    const answer = await test.ask('/v1/jobs', { method: 'OPTIONS', token: '' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'POST, GET, HEAD, OPTIONS']);
  });

  it('answers HEAD as GET without a body', async () => {
    const answer = await test.ask('/openapi.json', { method: 'HEAD', token: '' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  it('answers 404 when there is no such route', async () => {
    const answer = await test.ask('/v2/jobs', { token: '' });
    expect([answer.status, answer.body]).toMatchObject([404, { code: 'route-not-found' }]);
  });

  it('does not offer the workers’ route on the public port', async () => {
    expect((await test.ask('/factorial/update', { json: {} })).status).toBe(404);
    expect((await test.ask('/internal/v1/claims', { json: {} })).status).toBe(404);
  });
});

describe('tokens', () => {
  it('answers 401 with a challenge when there is none', async () => {
    const answer = await test.ask('/v1/jobs', { token: '' });
    expect([answer.status, answer.body]).toMatchObject([401, { code: 'unauthorized' }]);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="factorial"');
  });

  it('answers 401 that calls the token invalid when it is of the other port', async () => {
    const answer = await test.ask('/v1/jobs', { token: await test.internalToken('worker', 'jobs:read') });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    const other = await test.askInternal('/internal/v1/pools/factorial', {
      token: await test.clientToken('ann', 'scaler'),
    });
    expect(other.status).toBe(401);
  });

  it('answers 403 that names the scope when it is missing', async () => {
    const answer = await test.ask('/v1/jobs', {
      json: job,
      token: await test.clientToken('ann', 'jobs:read'),
    });
    expect([answer.status, answer.body]).toMatchObject([
      403,
      { code: 'forbidden', detail: expect.stringContaining('jobs:write') },
    ]);
    expect(answer.headers.get('www-authenticate')).toContain('scope="jobs:write"');
  });

  it('keeps workers from the scaler’s routes', async () => {
    const answer = await test.askInternal('/internal/v1/pools/factorial', {
      token: await test.internalToken('worker'),
    });
    expect(answer.status).toBe(403);
  });

  it('is checked before the body is read', async () => {
    const answer = await test.ask('/v1/jobs', {
      token: 'x',
      raw: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(401);
  });
});

describe('every answer', () => {
  it('carries a request id: the client’s where it is sane, else one of ours', async () => {
    const given = await test.ask('/v1/tasks', { headers: { 'x-request-id': 'my-id.1' } });
    expect(given.headers.get('x-request-id')).toBe('my-id.1');
    for (const bad of ['has space', '<script>', 'x'.repeat(129)]) {
      const made = await test.ask('/v1/tasks', { headers: { 'x-request-id': bad } });
      expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('carries the security headers, a strict policy among them', async () => {
    const { headers } = await test.ask('/', { token: '' });
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('to somebody with a token stays out of caches', async () => {
    for (const path of ['/v1/jobs', '/v1/queue', '/v1/webhook-secrets']) {
      const { headers } = await test.ask(path);
      expect([path, headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
  });

  it('is logged at info when it is an error, and at debug when it is not', async () => {
    await test.ask('/v1/jobs/none', { headers: { 'x-request-id': 'logged-error' } });
    await test.ask('/v1/tasks', { headers: { 'x-request-id': 'logged-fine' } });
    const levels = new Map(
      test.log.linesOf('request answered').map((line) => [line['requestId'], line.level]),
    );
    expect([levels.get('logged-error'), levels.get('logged-fine')]).toEqual([30, 20]);
  });
});
