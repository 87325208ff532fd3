import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/test-api.ts';

const page =
  '<!doctype html><title>console</title><script type="module" src="/console/assets/index-1a2B.js"></script>';
const script = 'export const answer = 42;'.repeat(100);

let folder: string;
let test: TestApi;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'console-'));
  const assets = join(folder, 'dist/assets');
  await mkdir(assets, { recursive: true });
  await writeFile(join(folder, 'secret.json'), '{"secret":true}');
  await writeFile(join(folder, 'dist/index.html'), page);
  await writeFile(join(folder, 'dist/notes.txt'), 'not for you');
  await writeFile(join(assets, 'index-1a2B.js'), script);
  await writeFile(join(assets, 'index-1a2B.js.br'), brotliCompressSync(script));
  await writeFile(join(assets, 'index-1a2B.js.gz'), gzipSync(script));
  await writeFile(join(assets, 'mark-_x.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(assets, '.hidden.js'), 'hidden');
  test = await startTestApi({ env: { CONSOLE_DIR: join(folder, 'dist') } });
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true });
});

interface Raw {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  bytes: Buffer;
}

/** As it comes over the wire: fetch would tidy paths up and unpack bodies. */
const get = async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(test.publicUrl);
    const sent = request({ hostname, port, path, method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject).end();
  });
const asset = '/console/assets/index-1a2B.js';

describe('the console', () => {
  it('is a page that is asked for anew, under a policy of its own', async () => {
    const { status, headers, bytes } = await get('/');
    expect([status, bytes.toString()]).toEqual([200, page]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';" +
        "base-uri 'none';form-action 'none';frame-ancestors 'none'",
    });
    const again = await get('/', { 'if-none-match': String(headers['etag']) });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });

  it('has assets that are kept for good, with their types', async () => {
    const { status, headers, bytes } = await get(asset);
    expect([status, bytes.toString()]).toEqual([200, script]);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    expect(headers['content-encoding']).toBeUndefined();
    expect((await get('/console/assets/mark-_x.svg')).headers['content-type']).toBe('image/svg+xml');
    const again = await get(asset, { 'if-none-match': String(headers['etag']) });
    expect([again.status, again.headers['content-encoding']]).toEqual([304, undefined]);
  });

  it.each([
    ['gzip, deflate, br, zstd', 'br', brotliCompressSync(script)],
    ['gzip', 'gzip', gzipSync(script)],
    ['gzip;q=1, br;q=0', 'gzip', gzipSync(script)],
    ['zstd', undefined, Buffer.from(script)],
    ['*;q=0', undefined, Buffer.from(script)],
  ])('is sent to a client that accepts %s as %s', async (accepted, coding, bytes) => {
    const answer = await get(asset, { 'accept-encoding': accepted });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-encoding']).toBe(coding);
    expect(answer.headers['content-length']).toBe(String(bytes.length));
    expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(answer.bytes.equals(bytes)).toBe(true);
  });

  it('is sent as it is where no compressed form lies beside it', async () => {
    const { headers, bytes } = await get('/console/assets/mark-_x.svg', { 'accept-encoding': 'br, gzip' });
    expect([headers['content-encoding'], bytes.toString().slice(0, 4)]).toEqual([undefined, '<svg']);
  });

  it('answers HEAD like GET, without the bytes', async () => {
    const { status, headers, bytes } = await get(asset, { 'accept-encoding': 'br' }, 'HEAD');
    expect([status, headers['content-encoding'], bytes.length]).toEqual([200, 'br', 0]);
  });

  it.each([
    '/console/assets/gone-12.js',
    '/console/assets/../notes.txt',
    '/console/assets/..%2fnotes.txt',
    '/console/assets/..%2f..%2fsecret.json',
    '/console/assets/%2e%2e/%2e%2e/secret.json',
    '/console/assets/..%5c..%5csecret.json',
    '/console/assets/.hidden.js',
    '/console/assets/index-1a2B.js.br',
    '/console/assets/index-1a2B.js%00.svg',
    '/console/assets/',
    '/console/index.html',
    '/console/notes.txt',
    '/index.html',
  ])('has nothing at %s', async (path) => {
    const { status, headers, bytes } = await get(path);
    expect([status, headers['content-type']]).toEqual([404, 'application/problem+json']);
    expect(headers['cache-control']).toBe('no-store');
    expect(bytes.toString()).not.toContain('secret":');
  });

  it('leaves the policy of other answers as strict as it was', async () => {
    const { headers } = await get('/openapi.json');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none';sandbox",
    );
  });
});

it('is a plain page, and a warning in the log, where none was built', async () => {
  const without = await startTestApi({ env: { CONSOLE_DIR: join(folder, 'nothing') } });
  const { status, text } = await without.ask('/', { token: '' });
  expect([status, text.includes('Submit and wait')]).toEqual([200, true]);
  expect((await without.ask(asset, { token: '' })).status).toBe(404);
  expect(without.log.linesOf('no console found, a plain page in its place')).toHaveLength(1);
  await without.close();
});
