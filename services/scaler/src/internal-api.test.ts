import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createInternalApi } from './internal-api.ts';
import { createRequestJson } from './request-json.ts';
import { startHttpServer, type TestHttpServer } from './testing/http-server.ts';
import { makeReadings } from './testing/make-readings.ts';

const dispatcher = new Agent();
const never = new AbortController().signal;
const { pool } = makeReadings({ serviceMs: 5 });
const report = pool.ok ? pool.value : undefined;
let folder: string;
let tokenFile: string;
let server: TestHttpServer | undefined;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'scaler-'));
  tokenFile = path.join(folder, 'token');
});
afterEach(async () => server?.close());
afterAll(async () => {
  await dispatcher.close();
  await rm(folder, { recursive: true });
});

const apiAt = async (answer: RequestListener, file = tokenFile) => {
  server = await startHttpServer(answer);
  await writeFile(tokenFile, ' first \n');
  return createInternalApi({
    requestJson: createRequestJson(dispatcher),
    internalUrl: `${server.url}/`,
    tokenFile: file,
    pool: 'factorial',
    timeoutMs: 100,
    now: () => 7,
  });
};

const says =
  (body: unknown, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status).end(JSON.stringify(body));
  };

describe('the pool', () => {
  it('is read with the token of the file, read anew each time', async () => {
    const tokens: unknown[] = [];
    const api = await apiAt((request, response) => {
      tokens.push(request.headers.authorization);
      says(report)(request, response);
    });
    expect(await api.readPool(never)).toEqual({ ok: true, value: report, at: 7 });
    await writeFile(tokenFile, 'second');
    await api.readPool(never);
    expect(tokens).toEqual(['Bearer first', 'Bearer second']);
    expect(server?.asked[0]).toBe('GET /internal/v1/pools/factorial');
  });

  it.each([
    ['of another pool', { ...report, pool: 'other' }, 'the report is of another pool'],
    ['without workers', { ...report, workers: undefined }, 'the report is not well formed'],
    ['without a count', { ...report, waiting: null }, 'the report is not well formed'],
    ['empty', {}, 'the report is not well formed'],
  ])('is unknown when it is %s', async (_name, body, reason) => {
    const api = await apiAt(says(body));
    expect(await api.readPool(never)).toEqual({ ok: false, reason });
  });

  it.each([401, 403, 500, 503])('is unknown when the status is %i', async (status) => {
    const api = await apiAt(says(report, status));
    expect(await api.readPool(never)).toEqual({ ok: false, reason: `answered ${status}` });
  });

  it('is unknown when there is no answer in time', async () => {
    const api = await apiAt(() => undefined);
    expect(await api.readPool(never)).toEqual({ ok: false, reason: 'no answer in time' });
  });

  it.each([['missing'], ['empty']])(
    'is unknown and not asked for when the token file is %s',
    async (kind) => {
      const file = path.join(folder, kind);
      if (kind === 'empty') await writeFile(file, '\n');
      const api = await apiAt(says(report), file);
      expect(await api.readPool(never)).toEqual({ ok: false, reason: 'the token file cannot be read' });
      expect(server?.asked).toEqual([]);
    },
  );
});

describe('the request to drain', () => {
  it('names the workers and the time', async () => {
    let body: unknown;
    const api = await apiAt((request, response) => {
      request.on('data', (chunk) => (body = JSON.parse(String(chunk))));
      request.on('end', () => says({ draining: ['a'] })(request, response));
    });
    const answer = await api.drain({ workers: ['a', 'b'], ttlSeconds: 60 }, never);
    expect(answer).toEqual({ ok: true, value: ['a'], at: 7 });
    expect(body).toEqual({ workers: ['a', 'b'], ttlSeconds: 60 });
    expect(server?.asked).toEqual(['POST /internal/v1/pools/factorial/drain']);
  });

  it('is told when it is refused', async () => {
    const api = await apiAt(says({ draining: ['a'] }, 403));
    const answer = await api.drain({ workers: ['a'], ttlSeconds: 1 }, never);
    expect(answer).toEqual({ ok: false, reason: 'answered 403' });
  });

  it('is told when the answer is not understood', async () => {
    const api = await apiAt(says({ draining: 'a' }));
    const answer = await api.drain({ workers: ['a'], ttlSeconds: 1 }, never);
    expect(answer).toEqual({ ok: false, reason: 'the answer is not well formed' });
  });
});
