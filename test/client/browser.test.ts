/** The library in a real browser: its modules as they are, but for the types, on a page of the api's own origin. */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { join, normalize } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../dev/brokers/free-port.ts';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { ensureChromium } from '../browser/ensure-chromium.ts';
import { repositoryDir } from './code-blocks.ts';

const executablePath = await ensureChromium(process.env);

const sources = join(repositoryDir, 'packages/client/src');

const sendModule = async (path: string, res: ServerResponse): Promise<void> => {
  const code = await readFile(join(sources, normalize(`/${path}`)), 'utf8');
  res.writeHead(200, { 'content-type': 'text/javascript' }).end(stripTypeScriptTypes(code));
};

const forward = (apiUrl: string, req: IncomingMessage, res: ServerResponse): void => {
  const { method, headers, url } = req;
  const asked = request(`${apiUrl}${url ?? ''}`, { method, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  asked.on('error', () => res.destroy());
  res.on('close', () => asked.destroy());
  req.pipe(asked);
};

/** A page, the library's modules, and all else as the api answers it: one origin, as in front of a real page. */
const startOrigin = async (apiUrl: string): Promise<{ server: Server; url: string }> => {
  const server = createServer((req, res) => {
    const [path = ''] = (req.url ?? '').split('?');
    if (path === '/page') res.writeHead(200, { 'content-type': 'text/html' }).end('<title>client</title>');
    else if (path.startsWith('/client/')) {
      sendModule(path.slice('/client/'.length), res).catch(() => res.writeHead(404).end());
    } else forward(apiUrl, req, res);
  });
  const port = await freePort(Math.random);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${port}` };
};

let system: System;
let origin: Awaited<ReturnType<typeof startOrigin>>;
let browser: Browser;
beforeAll(async () => {
  if (executablePath === undefined) return;
  system = await startSystem({ workers: 1 });
  origin = await startOrigin(system.apiUrl);
  const chromiumSandbox = process.getuid?.() !== 0;
  browser = await chromium.launch({ executablePath, chromiumSandbox, timeout: 60_000 });
}, 120_000);
afterAll(async () => {
  if (executablePath === undefined) return;
  await browser.close();
  origin.server.closeAllConnections();
  origin.server.close();
  await system.stop();
});

/** Runs in the page, as text: no tool of the tests' is to have a hand in it. */
const script = (token: string): string => `(async () => {
  const { createClient, FactorialError, verifyWebhook } = await import('/client/index.ts');
  const client = createClient({ baseUrl: location.origin, token: ${JSON.stringify(token)} });
  const heard = [];
  const job = await client.run({ task: 'factorial', input: { n: 20000 } }, { onEvent: (event) => heard.push(event.type) });
  const digits = await (await client.output(job)).text();
  const refusal = await client.get('nothing').catch((error) => error);
  const left = new AbortController();
  const long = await client.submit({ task: 'factorial', input: { n: 1000000 } });
  setTimeout(() => left.abort(new Error('left')), 300);
  const aborted = await client.wait(long, { signal: left.signal }).catch((error) => error.message);
  await client.cancel(long);
  return {
    heard: [heard.at(0), heard.at(-1)],
    digits: digits.length,
    refusal: refusal instanceof FactorialError && refusal.code,
    aborted,
    verify: typeof verifyWebhook,
  };
})()`;

test.skipIf(executablePath === undefined)(
  'the library does its work in a browser',
  { timeout: 90_000 },
  async () => {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${origin.url}/page`);
    expect(await page.evaluate(script(system.token))).toEqual({
      heard: ['queued', 'done'],
      digits: 77_338,
      refusal: 'job-not-found',
      aborted: 'left',
      verify: 'function',
    });
    expect(faults).toEqual([]);
  },
);
