import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createTestCertificate,
  startTestHttpsServer,
  type TestCertificate,
  type TestHttpsServer,
} from '../testing/test-https-server.ts';
import {
  createKubernetesClient,
  type KubernetesClient,
  type KubernetesClientOptions,
} from './kubernetes-client.ts';

let certificate: TestCertificate;
let tokenFile: string;
const cleanUp: (() => Promise<void>)[] = [];

beforeAll(async () => {
  certificate = await createTestCertificate();
  tokenFile = join(certificate.folder, 'token');
  await writeFile(tokenFile, 'the-token\n');
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});
afterAll(async () => certificate.remove());

const serve = async (listener: RequestListener): Promise<TestHttpsServer> => {
  const server = await startTestHttpsServer(certificate, listener);
  cleanUp.push(async () => server.close());
  return server;
};

const clientOf = (url: string, over: Partial<KubernetesClientOptions> = {}): KubernetesClient => {
  const client = createKubernetesClient({
    url,
    tokenFile,
    caFile: certificate.caFile,
    timeoutMs: 2_000,
    ...over,
  });
  cleanUp.push(async () => client.close());
  return client;
};

const json = (res: ServerResponse, status: number, body: unknown): void => {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** The answer to one GET. */
const ask = async (listener: RequestListener, over: Partial<KubernetesClientOptions> = {}) =>
  clientOf((await serve(listener)).url, over).request({ method: 'GET', path: '/x' });

it('sends its token, the query and a JSON body of the kind it is told', async () => {
  let seen: IncomingMessage | undefined;
  let sent = '';
  const server = await serve((req, res) => {
    seen = req;
    req.on('data', (part) => {
      sent += String(part);
    });
    req.on('end', () => json(res, 201, { kind: 'Lease' }));
  });
  const answer = await clientOf(`${server.url}/base/`).request({
    method: 'PATCH',
    path: '/apis/x',
    query: { fieldManager: 'us & them', limit: 5 },
    body: { spec: { replicas: 2 } },
    contentType: 'application/merge-patch+json',
  });
  expect(answer).toEqual({ ok: true, status: 201, body: { kind: 'Lease' } });
  expect(seen).toMatchObject({ method: 'PATCH', url: '/base/apis/x?fieldManager=us+%26+them&limit=5' });
  expect(seen?.headers).toMatchObject({
    authorization: 'Bearer the-token',
    'content-type': 'application/merge-patch+json',
  });
  expect(sent).toBe('{"spec":{"replicas":2}}');
});

const status = (code: number, members: object) => (_: IncomingMessage, res: ServerResponse) =>
  json(res, code, { kind: 'Status', status: 'Failure', ...members });

describe('an answer that is no success', () => {
  it.each<[string, RequestListener, object]>([
    [
      'a conflict',
      status(409, { reason: 'Conflict', message: 'changed' }),
      { kind: 'status', status: 409, reason: 'Conflict', message: 'changed' },
    ],
    [
      'a refusal without a body',
      (_, res) => res.writeHead(403).end(),
      { kind: 'status', status: 403, reason: 'Forbidden' },
    ],
    [
      'a refusal by a page',
      (_, res) => res.writeHead(502).end('<html>'),
      { kind: 'status', status: 502, reason: 'Http502' },
    ],
    [
      'a reason that is a sentence',
      status(404, { reason: 'not a word\n' }),
      { kind: 'status', status: 404, reason: 'NotFound' },
    ],
    [
      'JSON of another kind',
      (_, res) => json(res, 422, { kind: 'Pod', reason: 'Odd' }),
      { kind: 'status', reason: 'Invalid' },
    ],
    [
      'a redirection',
      (_, res) => res.writeHead(302, { location: '/y' }).end(),
      { kind: 'status', status: 302 },
    ],
    [
      'a wish for patience in the body',
      status(429, { reason: 'TooManyRequests', details: { retryAfterSeconds: 7 } }),
      { retryAfterSeconds: 7 },
    ],
    [
      'a wish for patience in the header',
      (_, res) => res.writeHead(429, { 'retry-after': '3' }).end(),
      { reason: 'TooManyRequests', retryAfterSeconds: 3 },
    ],
    [
      'a date long ago',
      (_, res) => res.writeHead(503, { 'retry-after': 'Thu, 01 Jan 2015 00:00:00 GMT' }).end(),
      { retryAfterSeconds: 0 },
    ],
    [
      'an endless wish for patience',
      (_, res) => res.writeHead(503, { 'retry-after': '999999999' }).end(),
      { retryAfterSeconds: 3_600 },
    ],
    ['no JSON', (_, res) => res.end('hello'), { kind: 'malformed', status: 200, reason: 'NoJson' }],
    ['nothing', (_, res) => res.end(), { kind: 'malformed', reason: 'NoJson' }],
    ['no HTTP', (req) => req.socket.end('nonsense\r\n\r\n'), { kind: 'malformed', reason: 'NoHttp' }],
    ['a broken connection', (req) => req.socket.destroy(), { kind: 'unreachable' }],
    [
      'half a body',
      (req, res) => {
        res.writeHead(200, { 'content-length': '100' });
        res.write('{"half":', () => req.socket.destroy());
      },
      { kind: 'unreachable' },
    ],
  ])('is told as what it is when it is %s', async (_name, listener, expected) => {
    expect(await ask(listener)).toMatchObject({ ok: false, ...expected });
  });

  it('is no patience asked for when the header makes no sense', async () => {
    const answer = await ask((_, res) => res.writeHead(503, { 'retry-after': 'soon' }).end());
    expect(answer).toEqual({ ok: false, kind: 'status', status: 503, reason: 'ServiceUnavailable' });
  });

  it('is cut when it is longer than may be', async () => {
    const long = (_: IncomingMessage, res: ServerResponse) => json(res, 200, 'x'.repeat(2_000));
    expect(await ask(long, { maxBodyBytes: 1_000 })).toMatchObject({ kind: 'malformed', reason: 'TooLong' });
  });

  it.each<[string, RequestListener]>([
    ['nothing comes', () => undefined],
    ['the body does not end', (_, res) => res.writeHead(200).write('{')],
  ])('is a timeout when %s', async (_name, listener) => {
    expect(await ask(listener, { timeoutMs: 100 })).toMatchObject({ ok: false, kind: 'timeout' });
  });
});

it('gives null when the answer is 204', async () => {
  expect(await ask((_, res) => res.writeHead(204).end())).toEqual({ ok: true, status: 204, body: null });
});

it('says that the server is away when nobody listens', async () => {
  const server = await serve(() => undefined);
  await server.close();
  const answer = await clientOf(server.url).request({ method: 'GET', path: '/x' });
  expect(answer).toMatchObject({ ok: false, kind: 'unreachable', reason: 'ECONNREFUSED' });
});

describe('the server’s certificate', () => {
  it('is refused when no authority of ours has signed it', async () => {
    const other = await createTestCertificate();
    cleanUp.push(async () => other.remove());
    const answer = await ask((_, res) => json(res, 200, {}), { caFile: other.caFile });
    expect(answer).toMatchObject({ ok: false, kind: 'unreachable' });
  });

  it('is refused when its authority’s file cannot be read', async () => {
    const caFile = join(certificate.folder, 'none');
    expect(await ask((_, res) => json(res, 200, {}), { caFile })).toMatchObject({ reason: 'ENOENT' });
  });

  it('is taken without a new client when the authority’s file was replaced', async () => {
    const other = await createTestCertificate();
    cleanUp.push(async () => other.remove());
    const caFile = join(certificate.folder, 'replaced.crt');
    await writeFile(caFile, other.ca);
    const client = clientOf((await serve((_, res) => json(res, 200, {}))).url, { caFile });
    expect(await client.request({ method: 'GET', path: '/x' })).toMatchObject({ ok: false });
    await writeFile(`${caFile}.new`, certificate.ca);
    await rename(`${caFile}.new`, caFile);
    expect(await client.request({ method: 'GET', path: '/x' })).toMatchObject({ ok: true });
  });
});

describe('the token', () => {
  const echo: RequestListener = (req, res) => json(res, 200, req.headers.authorization);

  it('is the new one at once when its file was replaced', async () => {
    const file = join(certificate.folder, 'rotated');
    const client = clientOf((await serve(echo)).url, { tokenFile: file });
    for (const token of ['first', 'second']) {
      await writeFile(file, token);
      expect(await client.request({ method: 'GET', path: '/x' })).toMatchObject({ body: `Bearer ${token}` });
    }
  });

  it.each([
    ['missing', undefined],
    ['empty', '\n'],
    ['no token', 'a token\r\nx-evil: 1'],
  ])('sends nothing when it is %s', async (_name, content) => {
    const file = join(certificate.folder, 'bad');
    await (content === undefined ? rm(file, { force: true }) : writeFile(file, content));
    const answer = await ask(echo, { tokenFile: file });
    expect(answer).toMatchObject({ ok: false, kind: 'no-token' });
    expect(JSON.stringify(answer)).not.toContain('evil');
  });
});

it('ends a call when its caller or the end of the client asks for it', async () => {
  const { url } = await serve(() => undefined);
  const client = clientOf(url);
  const ended = new AbortController();
  const first = client.request({ method: 'GET', path: '/x', signal: ended.signal });
  const second = client.request({ method: 'GET', path: '/x' });
  ended.abort();
  expect(await first).toMatchObject({ ok: false, kind: 'unreachable', reason: 'Aborted' });
  await client.close();
  expect(await second).toMatchObject({ ok: false, kind: 'unreachable' });
});
