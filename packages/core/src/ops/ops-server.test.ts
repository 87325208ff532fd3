import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRecordedLogger, type RecordedLogger } from '../testing/recorded-logger.ts';
import { describeServiceContract } from '../testing/service-stress.ts';
import { createMetrics } from './metrics.ts';
import { createOpsServer, type OpsServer, type OpsServerDeps } from './ops-server.ts';

const never = new AbortController().signal;

let server: OpsServer;
let log: RecordedLogger;

const create = (changes: Partial<OpsServerDeps> = {}): OpsServer =>
  createOpsServer({
    host: '127.0.0.1',
    port: 0,
    logger: log.logger,
    metrics: createMetrics('test'),
    ...changes,
  });

const use = async (changes: Partial<OpsServerDeps>): Promise<void> => {
  server = create(changes);
  await server.start();
  await server.gate.start();
};

const ask = async (path: string, method = 'GET') => {
  const response = await fetch(server.address().url + path, { method });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
};
const askJson = async (path: string): Promise<[number, unknown]> => {
  const { status, text } = await ask(path);
  return [status, JSON.parse(text)];
};

beforeEach(async () => {
  log = createRecordedLogger();
  server = create();
});
afterEach(async () => server.stop(never));

describe('/livez', () => {
  test('says live while the event loop turns, through the stop of the gate too', async () => {
    await use({ checks: { redis: () => false } });
    await server.gate.stop(never);
    expect(await askJson('/livez')).toEqual([200, { status: 'live' }]);
  });

  test('says not live when the process finds so itself', async () => {
    await use({ live: () => false });
    expect(await askJson('/livez')).toEqual([503, { status: 'not live' }]);
  });
});

describe('/readyz', () => {
  test('says ready when all checks pass', async () => {
    await use({ checks: { redis: () => true, queue: async () => Promise.resolve(true) } });
    expect(await askJson('/readyz')).toEqual([200, { status: 'ready' }]);
  });

  test('names the checks that fail, throw, or do not end', async () => {
    await use({
      checks: {
        good: () => true,
        bad: () => false,
        broken: async () => Promise.reject(new Error('broken')),
        thrown: () => {
          throw new Error('thrown');
        },
        endless: async () => new Promise(() => undefined),
      },
    });
    const expected = { status: 'not ready', failing: ['bad', 'broken', 'thrown', 'endless'] };
    expect(await askJson('/readyz')).toEqual([503, expected]);
  });

  test('is not ready before the gate has started and after it has stopped', async () => {
    await server.start();
    expect(await askJson('/readyz')).toEqual([503, { status: 'not ready', failing: ['gate'] }]);
    await server.gate.start();
    expect((await askJson('/readyz'))[0]).toBe(200);
    await server.gate.stop(never);
    expect((await askJson('/readyz'))[0]).toBe(503);
  });
});

test('shows the metrics', async () => {
  await use({});
  const { status, headers, text } = await ask('/metrics');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toContain('text/plain');
  expect(text).toContain('nodejs_version_info');
});

test('answers further routes with JSON, whatever follows the question mark', async () => {
  await use({ routes: { '/status': async () => Promise.resolve({ workers: 3 }) } });
  expect(await askJson('/status?verbose')).toEqual([200, { workers: 3 }]);
});

test('answers 500 and logs when a route fails', async () => {
  const failing = () => {
    throw new Error('secret reason');
  };
  await use({ routes: { '/status': failing } });
  expect(await askJson('/status')).toEqual([500, { error: 'failed' }]);
  expect(log.linesOf('ops request failed')).toHaveLength(1);
});

test('answers 404 to other paths, 405 with Allow to other methods, and HEAD without a body', async () => {
  await use({});
  expect((await ask('/')).status).toBe(404);
  const posted = await ask('/livez', 'POST');
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  const head = await ask('/livez', 'HEAD');
  expect([head.status, head.text]).toEqual([200, '']);
});

test('fails to start, and can be stopped, when the port is taken', async () => {
  await server.start();
  const other = create({ port: server.address().port });
  await expect(other.start()).rejects.toThrow('EADDRINUSE');
  await other.stop(never);
});

test('stops within 2 s when a client holds its connection', async () => {
  await server.start();
  const client = connect(server.address().port, '127.0.0.1');
  await once(client, 'connect');
  client.write('GET /livez HTTP/1.1\r\n');
  const started = performance.now();
  await server.stop(never);
  expect(performance.now() - started).toBeLessThan(2_000);
  client.destroy();
});

describe('as a service', () => {
  describeServiceContract({ create, withinMs: 2_000 });
});
