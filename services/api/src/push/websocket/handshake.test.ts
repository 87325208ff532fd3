import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';
import { openSocket, refusalOf } from '../../testing/test-socket.ts';

let test: TestApi;
let url: string;
let reader: string;

beforeAll(async () => {
  test = await startTestApi();
  url = `${test.publicUrl.replace('http', 'ws')}/v1/ws`;
  reader = await test.clientToken('ann', 'jobs:read');
});
afterAll(async () => test.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const opened = async (headers: Record<string, string>): Promise<number> => {
  const socket = await openSocket(url, { headers: { ...bearer(reader), ...headers } });
  socket.ws.close();
  return (await socket.closed).code;
};

/** For requests that no client of WebSockets would send. */
const askRaw = async (...lines: string[]): Promise<string> => {
  const socket = connect(test.api.publicServer.port(), '127.0.0.1');
  socket.write([...lines, `authorization: Bearer ${reader}`, 'connection: upgrade', '', ''].join('\r\n'));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await Promise.race([once(socket, 'close'), once(socket, 'data')]);
  socket.destroy();
  return Buffer.concat(chunks).toString();
};

describe('a WebSocket is opened', () => {
  it('with a token, and its answer carries the request id', async () => {
    const socket = openSocket(url, { headers: { ...bearer(reader), 'x-request-id': 'my-id.1' } });
    const { ws, closed } = await socket;
    ws.close();
    expect((await closed).code).toBe(1005);
    const answer = await askRaw(
      'GET /v1/ws HTTP/1.1',
      'host: x',
      'upgrade: WebSocket',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version: 13',
      'x-request-id: my-id.2',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 101 [^]*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
    expect(answer).toContain('x-request-id: my-id.2');
  });

  it('by pages of the same host, whatever stands before it', async () => {
    const port = test.api.publicServer.port();
    expect(await opened({ origin: `http://127.0.0.1:${port}` })).toBe(1005);
    expect(await opened({ origin: 'https://console.example', host: 'console.example' })).toBe(1005);
    expect(await opened({ origin: 'https://console.example', host: 'console.example:443' })).toBe(1005);
  });

  it('is counted and logged as one request with 101', async () => {
    await opened({ 'x-request-id': 'logged-socket' });
    const lines = test.log
      .linesOf('request answered')
      .filter((line) => line['requestId'] === 'logged-socket');
    expect(lines).toMatchObject([{ path: '/v1/ws', status: 101, level: 20 }]);
  });
});

describe('a WebSocket is refused', () => {
  it('without a token, with a bad one, without the scope', async () => {
    const none = await refusalOf(url);
    expect([none.status, none.body]).toMatchObject([401, { code: 'unauthorized', instance: '/v1/ws' }]);
    expect(none.headers).toMatchObject({
      'www-authenticate': 'Bearer realm="factorial"',
      'content-type': 'application/problem+json',
      'x-request-id': expect.any(String),
    });
    const bad = await refusalOf(url, { headers: bearer('x.y.z') });
    expect([bad.status, bad.body]).toMatchObject([401, { code: 'unauthorized' }]);
    const writer = await test.clientToken('ann', 'jobs:write');
    const forbidden = await refusalOf(url, { headers: bearer(writer) });
    expect([forbidden.status, forbidden.body]).toMatchObject([403, { code: 'forbidden' }]);
  });

  it.each(['https://evil.example', 'http://127.0.0.1:1', 'null', 'http://127.0.0.1.evil.example'])(
    'to pages of %s',
    async (origin) => {
      const { status, body } = await refusalOf(url, { headers: { ...bearer(reader), origin } });
      expect([status, body]).toMatchObject([403, { code: 'foreign-origin' }]);
    },
  );

  it('at any other path', async () => {
    const other = await refusalOf(url.replace('/v1/ws', '/v1/wss'), { headers: bearer(reader) });
    expect([other.status, other.body]).toMatchObject([404, { code: 'route-not-found' }]);
    const job = await refusalOf(url.replace('/v1/ws', '/v1/jobs/none'), { headers: bearer(reader) });
    expect([job.status, job.body]).toMatchObject([404, { code: 'job-not-found' }]);
  });

  it('when it is not asked for as one', async () => {
    const plain = await test.ask('/v1/ws');
    expect([plain.status, plain.body]).toMatchObject([426, { code: 'upgrade-required' }]);
    expect([plain.headers.get('upgrade'), plain.headers.get('sec-websocket-version')]).toEqual([
      'websocket',
      '13',
    ]);
    expect(await askRaw('GET /v1/ws HTTP/1.1', 'host: x', 'upgrade: h2c')).toMatch(/^HTTP\/1\.1 426 /);
  });

  it('when its handshake is wrong', async () => {
    const ask = async (...lines: string[]) =>
      askRaw('GET /v1/ws HTTP/1.1', 'host: x', 'upgrade: websocket', ...lines);
    const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==';
    expect(await ask(key, 'sec-websocket-version: 12')).toMatch(
      /^HTTP\/1\.1 426 [^]*sec-websocket-version: 13/,
    );
    expect(await ask(key)).toMatch(/^HTTP\/1\.1 426 /);
    expect(await ask('sec-websocket-version: 13')).toMatch(/^HTTP\/1\.1 400 [^]*"code":"invalid-request"/);
    expect(await ask('sec-websocket-key: short', 'sec-websocket-version: 13')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('by other methods, as everywhere', async () => {
    const post = await test.ask('/v1/ws', { method: 'POST', json: {} });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const options = await test.ask('/v1/ws', { method: 'OPTIONS', token: '' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
    const upgrade = await askRaw(
      'POST /v1/ws HTTP/1.1',
      'host: x',
      'upgrade: websocket',
      'content-length: 0',
    );
    expect(upgrade).toMatch(/^HTTP\/1\.1 405 /);
  });
});

it('leaves requests alone that offer another protocol', async () => {
  expect(await askRaw('GET /openapi.json HTTP/1.1', 'host: x', 'upgrade: h2c')).toMatch(/^HTTP\/1\.1 200 /);
});
