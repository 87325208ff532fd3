/** The shell lines of the README and the guides are run, and print what the pages say. */
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLocalDir } from '../../dev/run/local-dir.ts';
import { writeRunEnv } from '../../dev/run/run-env.ts';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { runBlocks } from './run-blocks.ts';
import { patternOf, shellBlocksOf } from './shell-blocks.ts';

const repositoryDir = resolve(import.meta.dirname, '../..');
const pages = [
  { page: 'README.md', section: 'Use it' },
  { page: 'docs/getting-started.md', section: undefined },
  { page: 'docs/http-guide.md', section: undefined },
];

/** The article's worker has to be installed first, and has a test of its own. */
const needsMore = /\bpip install\b/;

let system: System;
let folder: string;

beforeAll(async () => {
  // As `make run` starts it.
  const apiEnv = {
    WEBHOOK_KEYS: 'a-key-for-the-webhooks-of-a-test',
    WEBHOOK_ALLOW_HTTP: 'true',
    WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8,::1/128',
  };
  system = await startSystem({ workers: 1, apiEnv });
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'factorial-docs-'));
  // Like the repository's own folder, where the pages are followed, to npm; what they write goes elsewhere.
  for (const name of ['package.json', 'packages', 'node_modules'])
    await symlink(join(repositoryDir, name), join(folder, name));
  const local = await createLocalDir(join(folder, '.local'));
  await writeRunEnv(local.path, {
    API_URL: system.apiUrl,
    INTERNAL_URL: system.internalUrl,
    OPS_URL: system.internalUrl,
    TOKEN: system.token,
    ADMIN_TOKEN: system.adminToken,
    AMQP_URL: system.amqpUrl,
    WORKER_TOKEN_FILE: system.workerTokenFile,
  });
});
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true });
});

const jobPageSchema = z.object({ jobs: z.array(z.object({ id: z.string() })) });

/** What one page leaves unfinished is not to be waited for by the next. */
const cancelUnfinished = async (): Promise<void> => {
  const headers = { authorization: `Bearer ${system.token}` };
  for (const status of ['queued', 'processing']) {
    const answer = await fetch(`${system.apiUrl}/v1/jobs?status=${status}&pageSize=200`, { headers });
    const { jobs } = jobPageSchema.parse(await answer.json());
    const cancel = async (id: string) =>
      fetch(`${system.apiUrl}/v1/jobs/${id}/cancel`, { method: 'POST', headers });
    await Promise.all(jobs.map(async ({ id }) => cancel(id)));
  }
};
afterEach(cancelUnfinished);

describe.each(pages)('$page', ({ page, section }) => {
  it('has lines that work, and print what it says', { timeout: 120_000 }, async () => {
    const markdown = await readFile(join(repositoryDir, page), 'utf8');
    const blocks = shellBlocksOf(markdown, section).filter(({ code }) => !needsMore.test(code));
    expect(blocks.length).toBeGreaterThan(2);
    const printed = await runBlocks(blocks, { folder, timeoutMs: 110_000 });
    for (const [index, { line, expected }] of blocks.entries()) {
      if (expected === undefined) continue;
      expect((printed[index] ?? '').replaceAll(/\s+/g, ' '), `${page}:${line}`).toMatch(patternOf(expected));
    }
  });
});
