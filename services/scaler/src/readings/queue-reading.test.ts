import type { RequestListener } from 'node:http';
import { Agent } from 'undici';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createRequestJson } from '../request-json.ts';
import { startHttpServer, type TestHttpServer } from '../testing/http-server.ts';
import { createQueueReading } from './queue-reading.ts';

const dispatcher = new Agent();
const never = new AbortController().signal;
let server: TestHttpServer | undefined;

afterEach(async () => server?.close());
afterAll(async () => dispatcher.close());

const reader = (managementUrls: string | string[], timeoutMs = 2_000) =>
  createQueueReading({
    requestJson: createRequestJson(dispatcher),
    managementUrls: [managementUrls].flat(),
    vhost: 'a/b',
    queue: 'factorial_process',
    timeoutMs,
    now: () => 1_000,
  });

const withLogin = (url: string): string => url.replace('//', '//ada:s%40cret@');

const readFrom = async (answer: RequestListener, timeoutMs?: number) => {
  server = await startHttpServer(answer);
  return reader(withLogin(server.url), timeoutMs)(never);
};

const says =
  (body: string, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };

const counts = JSON.stringify({ messages_ready: 3, messages_unacknowledged: 2, state: 'running' });
const path = '/api/queues/a%2Fb/factorial_process';

describe('of several nodes', () => {
  it('the next one is asked when one is away or silent, and asked first from then on', async () => {
    server = await startHttpServer(says(counts));
    const silent = await startHttpServer(() => undefined);
    const read = reader(['http://127.0.0.1:1', silent.url, withLogin(server.url)], 600);
    expect(await read(never)).toMatchObject({ ok: true, value: { ready: 3 } });
    expect(await read(never)).toMatchObject({ ok: true, value: { ready: 3 } });
    expect(silent.asked).toHaveLength(1);
    await silent.close();
  });

  it('each has its part of the time limit when that cannot be parted evenly', async () => {
    server = await startHttpServer(says(counts));
    const read = reader(['http://127.0.0.1:1', server.url, 'http://127.0.0.1:1'], 2_000);
    expect(await read(never)).toMatchObject({ ok: true, value: { ready: 3 } });
    const hurried = reader(['http://127.0.0.1:1', 'http://127.0.0.1:1', 'http://127.0.0.1:1'], 1);
    expect(await hurried(never)).toMatchObject({ ok: false });
  });

  it('none that tells makes the reading unknown', async () => {
    const read = reader(['http://127.0.0.1:1', 'http://127.0.0.1:1']);
    expect(await read(never)).toMatchObject({ ok: false, reason: 'unreachable (ECONNREFUSED)' });
  });
});

describe('a good answer', () => {
  it('is read from the URL with the totals, in one call', async () => {
    expect(await readFrom(says(counts))).toEqual({
      ok: true,
      at: 1_000,
      value: { ready: 3, unacknowledged: 2 },
    });
    expect(server?.asked).toEqual([`GET ${path}?disable_stats=true&enable_queue_totals=true`]);
  });

  it('is read from the list of queues when the broker gives no totals of one', async () => {
    const others = [{ name: 'my_factorial_process', messages_ready: 8, messages_unacknowledged: 8 }];
    const page = { items: [...others, { name: 'factorial_process', ...JSON.parse(counts) }] };
    const reading = await readFrom((request, response) => {
      says(request.url?.startsWith('/api/queues/a%2Fb?') ? JSON.stringify(page) : '{}')(request, response);
    });
    expect(reading).toMatchObject({ ok: true, value: { ready: 3, unacknowledged: 2 } });
    expect(server?.asked[1]).toBe(
      'GET /api/queues/a%2Fb?disable_stats=true&enable_queue_totals=true&page=1&page_size=100&use_regex=false&name=factorial_process',
    );
  });

  it.each(['{"items":[]}', '{"items":[{"name":"factorial_process"}]}', '{}'])(
    'is read from the plain URL when the list says %s',
    async (list) => {
      const reading = await readFrom((request, response) => {
        says(request.url === path ? counts : list)(request, response);
      });
      expect(reading).toMatchObject({ ok: true, value: { ready: 3, unacknowledged: 2 } });
      expect(server?.asked).toHaveLength(3);
    },
  );

  it('comes with the login of the URL, decoded', async () => {
    let authorization: string | undefined;
    await readFrom((request, response) => {
      ({ authorization } = request.headers);
      says(counts)(request, response);
    });
    expect(authorization).toBe(`Basic ${Buffer.from('ada:s@cret').toString('base64')}`);
  });

  it('is found under a path before /api, and without a login', async () => {
    server = await startHttpServer((request, response) => {
      says(request.headers.authorization ? '{}' : counts)(request, response);
    });
    expect(await reader(`${server.url}/rabbit/`)(never)).toMatchObject({ ok: true });
    expect(server.asked[0]).toContain(`GET /rabbit${path}`);
  });

  it.each(['idle', 'flow', 'running'])('counts when the queue is %s', async (state) => {
    const body = JSON.stringify({ messages_ready: 0, messages_unacknowledged: 0, state });
    expect(await readFrom(says(body))).toMatchObject({ ok: true, value: { ready: 0 } });
  });
});

describe('a broken answer', () => {
  it.each([
    ['no counts on any URL', '{}'],
    ['one count only', '{"messages_ready":1}'],
    ['a count as text', '{"messages_ready":"1","messages_unacknowledged":0}'],
    ['a negative count', '{"messages_ready":-1,"messages_unacknowledged":0}'],
    ['a broken count', '{"messages_ready":1.5,"messages_unacknowledged":0}'],
    ['null', 'null'],
    ['a list', '[]'],
  ])('is not a zero when it is %s', async (_name, body) => {
    expect(await readFrom(says(body))).toEqual({ ok: false, reason: 'no counts in the answer' });
  });

  it.each(['down', 'stopped', 'crashed', 'terminated', 'minority'])(
    'is not a zero when the queue is %s',
    async (state) => {
      const body = JSON.stringify({ messages_ready: 0, messages_unacknowledged: 0, state });
      expect(await readFrom(says(body))).toEqual({ ok: false, reason: `the queue is ${state}` });
    },
  );

  it.each([
    ['no JSON', '<html>', 'the answer is not JSON'],
    ['nothing', '', 'the answer is not JSON'],
    ['half an answer', '{"messages_ready":1,', 'the answer is not JSON'],
    ['5 MiB', ' '.repeat(5 * 1_024 * 1_024), 'the answer is too long'],
  ])('is not a zero when it is %s', async (_name, body, reason) => {
    expect(await readFrom(says(body))).toEqual({ ok: false, reason });
  });

  it.each([302, 401, 403, 404, 500, 503])('is not a zero when its status is %i', async (status) => {
    expect(await readFrom(says(counts, status))).toEqual({ ok: false, reason: `answered ${status}` });
  });

  it('is asked for once only when it is an error', async () => {
    await readFrom(says('', 500));
    expect(server?.asked).toHaveLength(1);
  });
});

describe('no answer', () => {
  it('is given up after the time limit', async () => {
    expect(await readFrom(() => undefined, 50)).toEqual({ ok: false, reason: 'no answer in time' });
  });

  it('is given up after the time limit when the body never ends', async () => {
    const half: RequestListener = (_request, response) => {
      response.writeHead(200).write('{"messages_ready":');
    };
    expect(await readFrom(half, 50)).toEqual({ ok: false, reason: 'no answer in time' });
  });

  it('is told when the connection breaks', async () => {
    const reading = await readFrom((request) => request.socket.destroy());
    expect(reading).toMatchObject({ ok: false, reason: expect.stringMatching(/^unreachable \(\w+\)$/) });
  });

  it('is told without the login when nobody listens', async () => {
    server = await startHttpServer(says(''));
    const url = withLogin(server.url);
    await server.close();
    const reading = await reader(url)(never);
    expect(reading).toEqual({ ok: false, reason: 'unreachable (ECONNREFUSED)' });
  });

  it('is not waited for when the scaler stops', async () => {
    server = await startHttpServer(() => undefined);
    expect(await reader(server.url)(AbortSignal.abort())).toMatchObject({ ok: false });
  });
});
