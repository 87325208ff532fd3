/** Every method of the client has an example in its comment: each is typed and run here, and prints what it says. */
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import { queueName } from '@factorial/core/queue/topology';
import { sendRaw } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createClient, type FactorialClient } from '../../packages/client/src/index.ts';
import { examplesIn, printedBy, readPage, repositoryDir } from './code-blocks.ts';

const sources = ['packages/client/src/client.ts', 'packages/client/src/create-client.ts'];
const pages = await Promise.all(sources.map(readPage));
const examples = pages.flatMap(examplesIn);

let system: System;
let client: FactorialClient;
let admin: FactorialClient;
beforeAll(async () => {
  const apiEnv = { WEBHOOK_KEYS: 'the-key-that-webhooks-are-signed-with' };
  system = await startSystem({ workers: 2, apiEnv });
  client = createClient({ baseUrl: system.apiUrl, token: system.token });
  admin = createClient({ baseUrl: system.apiUrl, token: system.adminToken });
  await sendRaw(system.amqpUrl, queueName('factorial'), ['no JSON at all']);
  await waitUntil(
    async () => {
      for await (const _ of admin.deadLetters.list()) return true;
      return false;
    },
    { what: 'the message is among the dead letters' },
  );
});
afterAll(async () => system.stop());

const key = 'a key of thirty-two bytes length';

/** A webhook as its receiver has it. */
const receive = () => {
  const body = JSON.stringify({ type: 'job.done', data: { status: 'done' } });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', key).update(`msg_1.${timestamp}.${body}`).digest('base64');
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
  return { body, headers, secret: `whsec_${Buffer.from(key).toString('base64')}` };
};

/** The names that examples take as given. */
const given = 'client, admin, received, createClient, console';

type Run = (...values: unknown[]) => Promise<void>;

const compile = (code: string): Run =>
  // oxlint-disable-next-line typescript/no-implied-eval
  new Function(`return async (${given}) => {${stripTypeScriptTypes(code)}}`)();

test.each(examples)('the example of $name prints what it says', async ({ code }) => {
  const printed: string[] = [];
  const console = { log: (...values: unknown[]) => printed.push(format(...values)), error: () => undefined };
  await compile(code)(client, admin, receive(), createClient, console);
  expect(printedBy(code).length).toBeGreaterThan(0);
  expect(printed).toEqual(printedBy(code));
});

test('every method has an example', () => {
  const methods = [...(pages[0] ?? '').matchAll(/^ {2,4}(\w+): \(/gm)].map((match) => match[1]);
  expect(methods.length).toBeGreaterThan(16);
  expect(examples.map(({ name }) => name)).toEqual([...methods, 'createClient']);
});

test('every example is typed', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'factorial-examples-'));
  const entry = join(repositoryDir, 'packages/client/src/index.ts');
  const head = [
    "import { createClient, type FactorialClient } from '@factorial/client';",
    'declare const client: FactorialClient;',
    'declare const admin: FactorialClient;',
    'declare const received: { body: string; headers: Record<string, string>; secret: string };',
  ];
  const functions = examples.map(({ code }) => `export const _ = async () => {\n${code}\n};`);
  for (const [index, one] of functions.entries()) {
    await writeFile(join(dir, `example-${index}.ts`), [...head, one].join('\n'));
  }
  const config = {
    extends: join(repositoryDir, 'tsconfig.base.json'),
    compilerOptions: {
      noEmit: true,
      paths: { '@factorial/client': [entry] },
      typeRoots: [join(repositoryDir, 'node_modules/@types')],
      noUnusedLocals: false,
    },
    include: ['*.ts'],
  };
  await writeFile(join(dir, 'package.json'), '{"type":"module"}');
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify(config));
  const { stdout } = spawnSync(join(repositoryDir, 'node_modules/.bin/tsc'), ['-p', dir], {
    encoding: 'utf8',
  });
  await rm(dir, { recursive: true });
  expect(stdout).toBe('');
});
