import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { RequestListener } from 'node:http';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { describeServiceContract } from '@factorial/core/testing/service-stress';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
  type UpgradeHandler,
} from './http-server.ts';

const { logger } = createRecordedLogger();
const never = new AbortController().signal;
let server: HttpServer | undefined;

const create = (app: RequestListener, changes: Partial<HttpServerOptions> = {}): HttpServer =>
  createHttpServer({ name: 'test-server', host: '127.0.0.1', port: 0, logger, app, ...changes });

const started = async (app: RequestListener, changes: Partial<HttpServerOptions> = {}): Promise<string> => {
  server = create(app, changes);
  await server.start();
  return `http://127.0.0.1:${server.port()}`;
};

afterEach(async () => server?.stop(AbortSignal.abort()));

describeServiceContract({ create: () => create((_req, res) => res.end()) });

it('fails to start when its port is taken', async () => {
  await started((_req, res) => res.end());
  await expect(create(() => undefined, { port: server?.port() ?? 0 }).start()).rejects.toThrow('EADDRINUSE');
});

it('closes connections beyond the most it may have, tells of it once, and takes others when there is room', async () => {
  const log = createRecordedLogger();
  const url = await started((_req, res) => res.end('ok'), { maxConnections: 2, logger: log.logger });
  const open = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const [first] = [await open(), await open()];
  for (let further = 0; further < 3; further += 1) await once(await open(), 'close');
  expect(log.linesOf('too many connections, further ones are closed')).toHaveLength(1);
  first?.destroy();
  await waitUntil(
    async () =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
    { what: 'there is room again' },
  );
});

describe('stop', () => {
  it('lets a busy request finish, closes idle connections, and takes no new one', async () => {
    const arrived = Promise.withResolvers<() => void>();
    const url = await started((req, res) => {
      if (req.url === '/slow') arrived.resolve(() => res.end('finished'));
      else res.end('quick');
    });
    await (await fetch(`${url}/quick`)).text();
    const slow = fetch(`${url}/slow`);
    const finish = await arrived.promise;
    const stopped = server?.stop(never);
    await waitUntil(
      async () =>
        fetch(`${url}/quick`).then(
          () => false,
          () => true,
        ),
      { what: 'new connections are refused' },
    );
    finish();
    const answer = await slow;
    expect([await answer.text(), answer.headers.get('connection')]).toEqual(['finished', 'close']);
    await stopped;
  });

  it('ends what would wait long, at once', async () => {
    const waiting: (() => void)[] = [];
    const url = await started((_req, res) => waiting.push(() => res.end('woken')), {
      onDrain: () => waiting.forEach((wake) => wake()),
    });
    const answer = fetch(url);
    await waitUntil(() => waiting.length === 1, { what: 'the request has arrived' });
    await server?.stop(never);
    expect(await (await answer).text()).toBe('woken');
  });

  it('destroys what is still busy when the deadline passes', async () => {
    const arrived = Promise.withResolvers<void>();
    const url = await started(() => arrived.resolve());
    const answer = fetch(url).then(
      () => 'answered',
      () => 'destroyed',
    );
    await arrived.promise;
    const deadline = new AbortController();
    const stopped = server?.stop(deadline.signal);
    deadline.abort();
    await stopped;
    expect(await answer).toBe('destroyed');
  });
});

describe('upgrade', () => {
  const upgradeTo = (protocol: string): Socket => {
    const socket = connect(server?.port() ?? 0, '127.0.0.1');
    socket.write(`GET /up HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n\r\nmore`);
    return socket;
  };
  const echo: UpgradeHandler = {
    takes: ({ headers }) => headers.upgrade === 'echo',
    handle: (_req, { socket, head }) => {
      socket.write(`taken with ${head.toString()}`);
    },
  };

  it('hands the connection over, with what had come already', async () => {
    await started((_req, res) => res.end('answered'), { upgrade: echo });
    const socket = upgradeTo('echo');
    expect(String((await once(socket, 'data'))[0])).toBe('taken with more');
    socket.destroy();
  });

  it('answers whoever asks for something else as if he had not', async () => {
    await started((_req, res) => res.end('answered'), { upgrade: echo });
    const socket = upgradeTo('h2c');
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 [^]*answered$/);
    socket.destroy();
  });

  it('leaves no connection when the deadline of a stop passes', async () => {
    await started((_req, res) => res.end('answered'), { upgrade: echo });
    const socket = upgradeTo('echo');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    const deadline = new AbortController();
    const stopped = server?.stop(deadline.signal);
    deadline.abort();
    await stopped;
    expect(await closed).toBeDefined();
  });
});

it('cuts a client off that does not get its body across in time', async () => {
  await started((req, res) => req.resume().on('end', () => res.end()), { requestTimeoutMs: 100 });
  const socket: Socket = connect(server?.port() ?? 0, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nslow');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 408/);
  socket.destroy();
});
