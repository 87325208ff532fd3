import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { promisify } from 'node:util';
import {
  createTestCertificate,
  startTestHttpsServer,
  type TestCertificate,
  type TestHttpsServer,
} from '@factorial/core/testing/test-https-server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { answering, startWebhookReceiver, type WebhookReceiver } from '../../testing/webhook-receiver.ts';
import { cidrs, createAddressPolicy } from './allowed-addresses.ts';
import { createPostWebhook, type PostResult } from './post-webhook.ts';

let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startWebhookReceiver();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answerWith(answering(204));
});
afterAll(async () => receiver.close());

const policy = { allowHttp: true, allowsAddress: createAddressPolicy(cidrs().parse('127.0.0.0/8')) };
const never = new AbortController().signal;
const timeoutMs = 300;

const post = async (url: string, signal = never, resolve = async () => Promise.resolve(['127.0.0.1'])) =>
  createPostWebhook({ policy, resolve, timeoutMs })({
    url,
    headers: { 'content-type': 'application/json', 'webhook-id': 'a-1' },
    body: '{"a":"ä"}',
    signal,
  });

const timed = async (work: Promise<PostResult>): Promise<{ result: PostResult; ms: number }> => {
  const started = performance.now();
  const result = await work;
  return { result, ms: performance.now() - started };
};
const late = { kind: 'unanswered', reason: 'no answer in time' };

test('sends what it is given, to the path with its query', async () => {
  expect(await post(receiver.url('/a/b?c=%20d#e'))).toEqual({ kind: 'answered', status: 204 });
  expect(receiver.received).toMatchObject([
    {
      path: '/a/b?c=%20d',
      headers: { 'webhook-id': 'a-1', 'content-type': 'application/json', 'content-length': '10' },
      body: '{"a":"ä"}',
    },
  ]);
});

test('asks for the host by its name, though it connects to an address', async () => {
  expect(await post(`http://hook.example.com:${receiver.port}/`)).toMatchObject({ status: 204 });
  expect(receiver.received[0]?.headers.host).toBe(`hook.example.com:${receiver.port}`);
});

test('tells Retry-After', async () => {
  receiver.answerWith(answering(503, { 'retry-after': '7' }));
  expect(await post(receiver.url())).toEqual({ kind: 'answered', status: 503, retryAfter: '7' });
});

test('ends in time when the target never answers', async () => {
  receiver.answerWith(() => undefined);
  const { result, ms } = await timed(post(receiver.url()));
  expect(result).toEqual(late);
  expect(ms).toBeLessThan(timeoutMs + 500);
});

test('ends in time when the name is never found', async () => {
  const { result, ms } = await timed(
    post('http://hook.example.com/', never, async () => new Promise(() => undefined)),
  );
  expect(result).toEqual(late);
  expect(ms).toBeLessThan(timeoutMs + 500);
});

test('ends at once when it is told to', async () => {
  const stop = new AbortController();
  receiver.answerWith(() => stop.abort());
  expect((await post(receiver.url(), stop.signal)).kind).toBe('unanswered');
  expect((await post(receiver.url(), AbortSignal.abort())).kind).toBe('unanswered');
});

test('counts what the head of an answer says, however slowly its body comes', async () => {
  receiver.answerWith((res) => res.writeHead(200).write('x'));
  const { result, ms } = await timed(post(receiver.url()));
  expect(result).toEqual({ kind: 'answered', status: 200 });
  expect(ms).toBeLessThan(timeoutMs + 1_500);
});

test('does not read interim answers without end', async () => {
  const babbler = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write('HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n'.repeat(10)));
  });
  babbler.listen(0, '127.0.0.1');
  await once(babbler, 'listening');
  const address = babbler.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(await post(`http://127.0.0.1:${port}/`)).toEqual({
    kind: 'unanswered',
    reason: 'no answer (InterimAnswersError)',
  });
  babbler.close();
});

test('does not read a body without end', async () => {
  let written = 0;
  const closed = Promise.withResolvers<void>();
  receiver.answerWith((res) => {
    res.on('close', closed.resolve);
    res.writeHead(200);
    const chunk = Buffer.alloc(65_536);
    const more = (): void => {
      while (!res.destroyed && res.write(chunk)) written += chunk.length;
      if (!res.destroyed) res.once('drain', more);
    };
    more();
  });
  expect(await post(receiver.url())).toEqual({ kind: 'answered', status: 200 });
  await closed.promise;
  // The kernel's buffers on both sides, and no more.
  expect(written).toBeLessThan(16 * 1024 * 1024);
});

/** Says something of its own and nothing of HTTP. */
const startRude = async (words: string): Promise<{ url: string; server: Server }> => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(words);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { url: `http://127.0.0.1:${port}/`, server };
};

test.each([
  ['nothing', ''],
  ['no HTTP', '-ERR unknown command\r\n'],
  ['a head without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(100_000)}`],
])('is not delivered to who says %s', async (_, words) => {
  const { url, server } = await startRude(words);
  expect((await post(url)).kind).toBe('unanswered');
  server.close();
});

describe('over TLS', () => {
  let certificate: TestCertificate;
  let server: TestHttpsServer;
  beforeAll(async () => {
    certificate = await createTestCertificate();
    server = await startTestHttpsServer(certificate, (_req, res) => void res.writeHead(204).end());
  });
  afterAll(async () => {
    await server.close();
    await certificate.remove();
  });

  /** Node reads further authorities at its start alone. */
  const trusting = async (url: string): Promise<unknown> => {
    const program = `
      import { createPostWebhook } from ${JSON.stringify(`${import.meta.dirname}/post-webhook.ts`)};
      const policy = { allowHttp: false, allowsAddress: () => true };
      const post = createPostWebhook({ policy, resolve: async () => ['127.0.0.1'] });
      const signal = new AbortController().signal;
      console.log(JSON.stringify(await post({ url: ${JSON.stringify(url)}, headers: {}, body: '{}', signal })));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@factorial/source', '--input-type=module', '--eval', program],
      { env: { NODE_EXTRA_CA_CERTS: certificate.caFile }, cwd: import.meta.dirname },
    );
    return JSON.parse(stdout);
  };

  test('is delivered to a host whose certificate is good', async () => {
    expect(await trusting(`${server.url}/`)).toEqual({ kind: 'answered', status: 204 });
  });

  test("is not delivered to a host that shows another's", async () => {
    expect(await trusting(`https://hook.example.com:${server.port}/`)).toEqual({
      kind: 'unanswered',
      reason: 'no answer (ERR_TLS_CERT_ALTNAME_INVALID)',
    });
  });

  test('is not delivered to a host whose certificate nobody knows', async () => {
    expect(await post(`${server.url}/`)).toEqual({
      kind: 'unanswered',
      reason: 'no answer (DEPTH_ZERO_SELF_SIGNED_CERT)',
    });
  });
});
