/** What docs/webhooks.md shows for checking a message, run as it stands there against a message that we have signed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, expect, test } from 'vitest';
import { freePort } from '../../dev/brokers/free-port.ts';
import { signatureHeaders, webhookSecrets } from '../../services/api/src/push/webhooks/signature.ts';

const root = resolve(import.meta.dirname, '../..');
const guide = readFileSync(join(root, 'docs/webhooks.md'), 'utf8');

/** The one block of this language that holds the word. */
const blockOf = (language: string, word: string): string => {
  const blocks = [...guide.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(
    ([, found, text = '']) => found === language && text.includes(word),
  );
  expect(blocks).toHaveLength(1);
  return blocks[0]?.[2] ?? '';
};

const key = 'a-key-for-the-webhooks-of-this-test';
const [secret = ''] = webhookSecrets([key], 'ann');
const body = JSON.stringify({ type: 'job.done', data: { id: 'a', status: 'done', output: '¹²³' } });
const headers = signatureHeaders([key], {
  id: 'a-1',
  owner: 'ann',
  body,
  timestamp: Math.floor(Date.now() / 1_000),
});

let child: ChildProcess | undefined;
afterAll(() => child?.kill());

test('the receiver in Node takes our message, and no other', async () => {
  const port = await freePort(Math.random);
  const program = blockOf('js', 'createServer').replace('listen(9000)', `listen(${port}, '127.0.0.1')`);
  child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: join(root, 'services/api'),
    env: { WEBHOOK_SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = once(child.stdout ?? process.stdin, 'data');
  const url = `http://127.0.0.1:${port}/hook`;
  const post = async (sent: string): Promise<number> =>
    (await fetch(url, { method: 'POST', headers, body: sent })).status;
  expect(await waitUntil(async () => post(body), { what: 'it listens' })).toBe(204);
  expect(String((await said)[0])).toBe('job.done a done\n');
  expect(await post(body.replace('done', 'failed'))).toBe(401);
});

test('the commands by hand give our signature', async () => {
  const { stdout } = await promisify(execFile)('sh', ['-c', blockOf('sh', 'openssl dgst')], {
    env: {
      PATH: process.env['PATH'],
      WEBHOOK_SECRET: secret,
      ID: headers['webhook-id'],
      TIMESTAMP: headers['webhook-timestamp'],
      BODY: body,
    },
  });
  expect(`v1,${stdout.trim()}`).toBe(headers['webhook-signature']);
});
